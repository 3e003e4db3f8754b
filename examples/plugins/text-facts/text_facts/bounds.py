"""A hook: a command without anything to count does not begin."""

import json
import os
import sys

call = json.loads(os.environ["OUROBOROS_PLUGIN_TOOL_CALL_PAYLOAD"])
if call["args_preview"].strip() == "count":
    print("there is nothing to count", file=sys.stderr)
    sys.exit(1)
