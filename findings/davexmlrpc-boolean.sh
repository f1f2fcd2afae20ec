#!/usr/bin/env bash
# The library of XML-RPC's author writes booleans that others refuse, and null as an empty struct.
#
# davexmlrpc 0.4.26 (npm), by the author of XML-RPC, Node 20; what it writes is read by Python's xmlrpc and by
# xmlrpc 1.3.2 (npm).
#
# Guess: a boolean goes out as 1 or 0, the two values that the specification has for it, and null as <nil/> or
#   an error.
# Seen: true goes out as <boolean>true</boolean>, and null as an empty struct. The npm package answers 404 to
#   such a call, and Python refuses it: bad boolean value.
# Why: the value is written as JavaScript prints it, and null counts as an object. The library itself reads
#   both forms.
# Matters: its client works with its own server, so tests pass. With another server the first call that has a
#   boolean fails; Keap's DataService.query has one, for the order.
. "$(dirname "$0")/common.sh"
npm_with davexmlrpc@0.4.26 xmlrpc@1.3.2

cat > look.cjs <<'END'
const { writeFileSync } = require("node:fs");
const dave = require("davexmlrpc");
const { createServer } = require("xmlrpc");

const server = createServer({ host: "127.0.0.1", port: 0 }, async () => {
  const url = `http://127.0.0.1:${server.httpServer.address().port}/`;
  for (const value of ["a", true]) {
    writeFileSync("call.xml", dave.buildCall("m", [value], "xml"));
    const response = await fetch(url, { method: "POST", body: dave.buildCall("m", [value], "xml") });
    console.log(typeof value, response.status);
  }
  console.log(/<value>(.*?)<.value>/s.exec(dave.buildCall("m", [null], "xml"))[1].replace(/\s/g, ""));
  process.exit(0);
});
server.on("m", (error, params, answer) => answer(null, params[0]));
END
node look.cjs > seen.txt 2> look.log
same "npm: answers to a text and to a boolean" "string 200 boolean 404" "$(head -2 seen.txt | xargs)"
same "null" "<struct></struct>" "$(tail -1 seen.txt)"
same "Python" "TypeError: bad boolean value" \
    "$("${PYTHON:-python3}" -c 'import xmlrpc.client as x; x.loads(open("call.xml").read())' 2>&1 | tail -1)"
