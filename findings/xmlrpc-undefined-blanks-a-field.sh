#!/usr/bin/env bash
# A field that is undefined is sent as an empty text, and so is every BigInt.
#
# xmlrpc 1.3.2 (npm), and its TypeScript port @foxglove/xmlrpc 1.3.0; Node 20. The request is read by Python's
# xmlrpc.
#
# Guess: a field that is undefined is left out of a struct, as in JSON, or refused; and so is a BigInt.
# Seen: both go out as <value/>, which is the empty string in XML-RPC. No error.
# Why: a value of a kind that the serializer has no case for leaves its empty element behind.
# Matters: an update with {Phone1: form.phone} blanks the phone where the form has none, in a protocol in
#   which absent means unchanged. An id held as BigInt, since numbers lose digits, becomes a query for "".
#   Drop such fields first.
. "$(dirname "$0")/common.sh"
npm_with xmlrpc@1.3.2 @foxglove/xmlrpc@1.3.0

cat > look.cjs <<'END'
const { createServer } = require("node:http");
const { createClient } = require("xmlrpc");
const { XmlRpcClient } = require("@foxglove/xmlrpc");
const { writeFileSync } = require("node:fs");

const contact = { FirstName: "Ann", Phone1: undefined, Id: 12n };
let name;
const server = createServer((request, response) => {
  let body = "";
  request.on("data", (part) => (body += part)).on("end", () => {
    writeFileSync(name, body);
    response.end("<methodResponse><params><param><value>ok</value></param></params></methodResponse>");
  });
}).listen(0, "127.0.0.1", async () => {
  const { port } = server.address();
  name = "xmlrpc.xml";
  const original = createClient({ host: "127.0.0.1", port, path: "/" });
  await new Promise((done) => original.methodCall("update", [contact], done));
  name = "foxglove.xml";
  await new XmlRpcClient(`http://127.0.0.1:${port}/`).methodCall("update", [contact]);
  process.exit(0);
});
END
node look.cjs > look.log 2>&1
received() {
    "${PYTHON:-python3}" -c 'import sys, xmlrpc.client as x; print(x.loads(sys.stdin.read())[0][0])' < "$1"
}
same "received from xmlrpc" "{'FirstName': 'Ann', 'Phone1': '', 'Id': ''}" "$(received xmlrpc.xml)"
same "received from @foxglove/xmlrpc" \
    "{'FirstName': 'Ann', 'Phone1': '', 'Id': ''}" "$(received foxglove.xml)"
