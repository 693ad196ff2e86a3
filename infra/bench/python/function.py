"""What a function in Python would be: what the six functions' start is measured beside."""

import boto3

# As one does in Python, once for all invocations.
dynamodb = boto3.client("dynamodb")


def handler(event, context):
    return {"message": "hello, world"}
