"""What the document forbids is refused inside the envelope: HTTP 200 and a status that is no success."""

import schemathesis
from schemathesis.core.parameters import ParameterLocation


@schemathesis.check
def refused_in_the_envelope(ctx, response, case):
    body_is_wrong = (
        case.meta is not None
        and case.meta.generation.mode.is_negative
        and case.meta.is_negative_at(ParameterLocation.BODY)
    )
    if not body_is_wrong or response.status_code != 200 or "json" not in response.headers.get("content-type", [""])[0]:
        return
    reply = response.json()
    if "status" in reply:
        assert reply["status"] != 0, f"a body that the document forbids was taken: {reply}"
