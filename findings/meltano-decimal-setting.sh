#!/usr/bin/env bash
# A setting of kind decimal fails when its value comes from the environment.
#
# meltano 4.4.1.
#
# Guess: a setting of kind "decimal" reaches the plugin's config file as a number, wherever its value comes from.
# Seen: the value 1.10 in meltano.yml arrives. The same value from the plugin's environment variable ends the command
#   with "TypeError: Object of type Decimal is not JSON serializable", before the plugin starts.
# Why: text is cast to Decimal, a number from YAML stays a float, and the writer of the config file has no rule for
#   Decimal. Values from .env are text, too.
# Matters: the kind is in Meltano's list of kinds, and a tap's author who tries it in meltano.yml only publishes a
#   setting that breaks in every deployment that is configured by environment. Declare it as a string or integer.
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
    - name: rate
      kind: decimal
    config:
      rate: 1.10
END
env/bin/meltano invoke --dump=config tap-demo > from_file.txt 2>&1
same "from meltano.yml" '"rate": 1.1' "$(grep -o '"rate": [0-9.]*' from_file.txt)"
TAP_DEMO_RATE=1.10 env/bin/meltano invoke --dump=config tap-demo > from_env.txt 2>&1 && code=0 || code=$?
same "from the environment, exit code" 1 "$code"
same "from the environment, message" "Object of type Decimal is not JSON serializable" \
    "$(grep -o 'Object of type Decimal is not JSON serializable' from_env.txt | tail -1)"
