"""Reads a list of {"schemas": [...], "value": ...}, writes a list of [schema, null] or [null, why].

The schemas let fields be added. Here none may be that the schema does not name: whatever is printed is promised.
"""

import json
import pathlib
import sys

import fastjsonschema


def closed(schema):
    """The schema, in which an object has the fields that are named and no other."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    own = schema.get("properties")
    if isinstance(own, dict) and "oneOf" in schema:
        # One of several things, and what all of them have: each has the fields of both.
        merged = [{**part, "properties": {**own, **part.get("properties", {})}} for part in schema["oneOf"]]
        return {**{word: closed(part) for word, part in schema.items()}, "oneOf": closed(merged)}
    parts = {word: closed(part) for word, part in schema.items()}
    if isinstance(own, dict) and "type" in parts:
        parts.setdefault("additionalProperties", False)
    return parts


def compiled(name, known={}):
    if name not in known:
        text = (pathlib.Path(sys.argv[1]) / f"{name}.json").read_text()
        known[name] = fastjsonschema.compile(closed(json.loads(text)))
    return known[name]


def judged(said):
    why = []
    for name in said["schemas"]:
        try:
            compiled(name)(said["value"])
            return [name, None]
        except fastjsonschema.JsonSchemaValueException as error:
            why.append(f"{name}: {error.message}")
    return [None, "; ".join(why)]


json.dump([judged(said) for said in json.load(sys.stdin)], sys.stdout)
