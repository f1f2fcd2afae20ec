#!/usr/bin/env bash
# The typed port of a library reads the same dates as another moment.
#
# @foxglove/xmlrpc 1.3.0 (npm), beside xmlrpc 1.3.2, which it is a TypeScript port of; Node 20.
#
# Guess: the port reads and writes dates as the original does: as local time of the machine, in the form
#   20260102T03:04:05.
# Seen: it reads the same text as UTC, so the two differ by the machine's offset, five hours in New York. It
#   writes 2026-01-02T08:04:05.000Z, which is not the form that XML-RPC has for a date.
# Why: the port parses and writes with JavaScript's own ISO 8601 functions.
# Matters: moving a project to the typed port moves every date it reads, and nothing fails. What it writes is
#   up to the server, which may take the zone, drop it or refuse it.
. "$(dirname "$0")/common.sh"
npm_with xmlrpc@1.3.2 @foxglove/xmlrpc@1.3.0

cat > look.cjs <<'END'
const { createServer } = require("node:http");
const { createClient } = require("xmlrpc");
const { XmlRpcClient } = require("@foxglove/xmlrpc");

const sent = [];
const date = "<dateTime.iso8601>20260102T03:04:05</dateTime.iso8601>";
createServer((request, response) => {
  let body = "";
  request.on("data", (part) => (body += part)).on("end", () => {
    sent.push(/iso8601>(.*?)</.exec(body)[1]);
    response.end(`<methodResponse><params><param><value>${date}</value></param></params></methodResponse>`);
  });
}).listen(0, "127.0.0.1", async function () {
  const { port } = this.address();
  const moment = new Date("2026-01-02T08:04:05Z");
  const original = createClient({ host: "127.0.0.1", port, path: "/" });
  const first = await new Promise((done) => original.methodCall("m", [moment], (_, value) => done(value)));
  const second = await new XmlRpcClient(`http://127.0.0.1:${port}/`).methodCall("m", [moment]);
  console.log("sent", ...sent);
  console.log("read", first.toISOString(), second.toISOString());
  process.exit(0);
});
END
TZ=America/New_York node look.cjs > seen.txt
same "the original and the port" "sent 20260102T03:04:05 2026-01-02T08:04:05.000Z" "$(sed -n 1p seen.txt)"
same "the original and the port" \
    "read 2026-01-02T08:04:05.000Z 2026-01-02T03:04:05.000Z" "$(sed -n 2p seen.txt)"
