#!/usr/bin/env bash
# y, t and enabled are false, and so is every other word but four.
#
# meltano 4.4.1.
#
# Guess: a setting of kind boolean takes the usual words from the environment (true, yes, on, y, 1), and other
#   words are an error that names the setting.
# Seen: "true", "yes", "on" and "1" are true. "y", "t", "enabled", "2", "nope" and "tru" are all false,
#   without a warning.
# Why: the text is compared with a short list of words for true; everything else counts as false.
# Matters: a switch for safety ("y": keep deleted rows, verify certificates) is off, and the config that
#   Meltano shows looks deliberate. Use true and false, and look at `meltano invoke --dump=config`.
. "$(dirname "$0")/common.sh"
python_with meltano==4.4.1

export MELTANO_SEND_ANONYMOUS_USAGE_STATS=false NO_COLOR=1 HOME=$work
cat > meltano.yml <<'END'
requires_meltano: ">=4"
project_id: 00000000-0000-0000-0000-000000000001
plugins:
  extractors:
  - name: tap-demo
    namespace: tap_demo
    executable: /bin/true
    settings:
END
words="true yes on 1 y t enabled 2 nope tru"
number=0
for word in $words; do
    number=$((number + 1))
    printf '    - name: s%s\n      kind: boolean\n' "$number" >> meltano.yml
    export "TAP_DEMO_S$number=$word"
done
env/bin/meltano invoke --dump=config tap-demo > dump.txt 2> meltano.log
seen=$(grep -oE '(true|false)' dump.txt | paste -d= <(printf '%s\n' $words) - | xargs)
same "words" \
    "true=true yes=true on=true 1=true y=false t=false enabled=false 2=false nope=false tru=false" "$seen"
