"""Judges payloads, one JSON object a line, by the models of Slack's own SDK: `{"message": …}` or `{"view": …}`.

Each block must be of a kind that the SDK knows, pass its validators, and keep every field that we gave it.
"""

import json
import sys

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View


def lost(given, kept, path=""):
    """Fields of `given` that the SDK does not keep: it knows no such field, or another value."""
    if isinstance(given, dict) and isinstance(kept, dict):
        for key, value in given.items():
            if key not in kept:
                yield f"{path}/{key}"
            else:
                yield from lost(value, kept[key], f"{path}/{key}")
    elif isinstance(given, list) and isinstance(kept, list):
        if len(given) != len(kept):
            yield f"{path} has {len(kept)} of {len(given)}"
        for number, (one, other) in enumerate(zip(given, kept)):
            yield from lost(one, other, f"{path}/{number}")
    elif given != kept:
        yield f"{path}: {given!r} became {kept!r}"


def faults_of(block):
    parsed = Block.parse(block)
    if parsed is None or type(parsed) is Block:
        return [f"a block of kind {block.get('type')!r} is not known"]
    try:
        parsed.validate_json()
        return list(lost(block, parsed.to_dict()))
    except SlackObjectFormationError as error:
        return [str(error)]


def faults_in(payload):
    if "message" in payload:
        blocks = payload["message"]["blocks"]
        faults = [] if len(blocks) <= 50 else [f"{len(blocks)} blocks"]
        return faults + [fault for block in blocks for fault in faults_of(block)]
    view = payload["view"]
    faults = [fault for block in view["blocks"] for fault in faults_of(block)]
    try:
        View(**view).validate_json()
    except SlackObjectFormationError as error:
        faults.append(str(error))
    return faults


def main():
    judged = blocks = 0
    faults = {}
    for line in open(sys.argv[1], encoding="utf-8"):
        payload = json.loads(line)
        judged += 1
        blocks += len(next(iter(payload.values()))["blocks"])
        for fault in faults_in(payload):
            faults.setdefault(fault, line)
    for fault, line in list(faults.items())[:20]:
        print(f"{fault}\n  in {line[:300]}", file=sys.stderr)
    print(f"{judged} payloads with {blocks} blocks judged, {len(faults)} kinds of faults")
    # Nothing judged is no opinion.
    return 1 if faults or judged < 400 else 0


sys.exit(main())
