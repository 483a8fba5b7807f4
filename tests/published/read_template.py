"""Reads a template on standard input with PyYAML and with the older release, and writes it again with PyYAML.

Prints one JSON object: the document, the commands of its actors as the older release reads them, the text, and what PyYAML
reads again of it: it does not bring back every end of a line that it writes.
"""

import json
import sys

import yaml

from cccc.kernel.group_template import parse_group_template

text = sys.stdin.buffer.read().decode("utf-8")
document = yaml.safe_load(text)
older = {actor.actor_id: actor.command for actor in parse_group_template(text).actors}
dumped = yaml.safe_dump(document, allow_unicode=True, sort_keys=False)
again = yaml.safe_load(dumped)
print(json.dumps({"document": document, "older": older, "dumped": dumped, "again": again}))
