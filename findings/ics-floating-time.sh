#!/usr/bin/env bash
# Appointments without a zone, or with one of Windows' zones, are moved to UTC.
#
# ics 0.7.3, beside icalendar 7.3.2.
#
# Guess: an appointment at a floating time (20261101T013000, without a zone) has no zone when it is read, and
#   is written as it was. A zone that the library does not know is an error.
# Seen: both are taken for UTC, and are written with a Z. icalendar keeps the floating time, and it knows the
#   zone name of Windows and Exchange, "US Mountain Standard Time".
# Why: a time without a known zone gets UTC as a default.
# Matters: a calendar that is read and written again moves each appointment by the distance from Greenwich,
#   seven hours for Phoenix. Keap's legacy API hands out appointments as iCalendar (getAppointmentICal).
. "$(dirname "$0")/common.sh"
python_with ics==0.7.3 icalendar==7.3.2 tzdata

cat > look.py <<'END'
import icalendar
import ics

for start in ("DTSTART:20261101T013000", "DTSTART;TZID=US Mountain Standard Time:20261101T013000"):
    event = ("BEGIN:VEVENT", "UID:1", "DTSTAMP:20261001T000000Z", start)
    calendar = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *event, "END:VEVENT", "END:VCALENDAR", "")
    text = "\r\n".join(calendar)
    written = ics.Calendar(text).serialize()
    print(next(line for line in written.splitlines() if line.startswith("DTSTART")), end=" ")
    print(icalendar.Calendar.from_ical(text).walk("VEVENT")[0]["DTSTART"].dt, end="; ")
END
same "written by ics, read by icalendar: floating, Windows zone" \
    "DTSTART:20261101T013000Z 2026-11-01 01:30:00; DTSTART:20261101T013000Z 2026-11-01 01:30:00-07:00; " \
    "$(env/bin/python look.py 2> look.log)"
