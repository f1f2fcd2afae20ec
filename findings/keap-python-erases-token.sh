#!/usr/bin/env bash
# A 503 on refresh overwrites the stored token with null.
#
# keap-python 1.3.0.
#
# Guess: when Keap answers a refresh with HTTP 400 or 503, refresh_access_token() raises and the token file stays.
# Seen: the stored refresh token is overwritten with null. What it raises afterwards, "No token set for client demo",
#   does not mention Keap's answer.
# Why: status and content of the answer are not looked at. Any JSON object becomes a token, absent fields become null,
#   and that is saved.
# Matters: one JSON error from a gateway at the wrong moment, and the account must be authorized again by hand. Keep a
#   copy of the token file before each refresh.
. "$(dirname "$0")/common.sh"
python_with keap-python==1.3.0

cat > look.py <<'END'
import http.server
import json
import threading

from keap import Keap


class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({"fault": {"faultstring": "The service is temporarily unavailable"}}).encode()
        self.send_response(503)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
with open("tokens.json", "w") as file:
    json.dump({"demo": {"access_token": "A1", "refresh_token": "R1", "expires_in": 86399}}, file)
settings = {"CLIENT_ID": "c", "CLIENT_SECRET": "s", "REDIRECT_URL": "https://example.org/", "APP_NAME": "demo"}
keap = Keap({**settings, "JSON_STORAGE_PATH": "tokens.json"})
keap.access_token_url = f"http://127.0.0.1:{server.server_port}/token"
try:
    keap.refresh_access_token()
    raised = "nothing"
except Exception as error:
    raised = str(error)
print(json.load(open("tokens.json"))["demo"]["refresh_token"], raised)
END
same "stored refresh token and message after a 503" "None No token set for client demo" "$(env/bin/python look.py)"
