"""Reads a template on standard input with PyYAML and with the older release, and writes it again with PyYAML.

Prints one JSON object: the document, the commands of its actors as the older release reads them, and, written by PyYAML,
the document without the ends of lines that PyYAML does not bring back itself.
"""

import json
import sys

import yaml

from cccc.kernel.group_template import parse_group_template

LOST = {ord(character): None for character in "\x85\u2028\u2029"}


def without_lost(value):
    if isinstance(value, str):
        return value.translate(LOST)
    if isinstance(value, list):
        return [without_lost(one) for one in value]
    if isinstance(value, dict):
        return {key: without_lost(one) for key, one in value.items()}
    return value


text = sys.stdin.buffer.read().decode("utf-8")
document = yaml.safe_load(text)
older = {actor.actor_id: actor.command for actor in parse_group_template(text).actors}
rest = without_lost(document)
dumped = yaml.safe_dump(rest, allow_unicode=True, sort_keys=False)
assert yaml.safe_load(dumped) == rest
print(json.dumps({"document": document, "older": older, "rest": rest, "dumped": dumped}))
