"""How X words its refusals: problem JSON, and the older list of errors for a bad parameter."""

from __future__ import annotations

from .http_messages import Answer

_PROBLEMS = "https://api.twitter.com/2/problems"


def problem(status: int, title: str, detail: str, type: str = "about:blank") -> Answer:
    return Answer.json({"title": title, "detail": detail, "type": type, "status": status}, status)


def invalid(parameter: str, message: str) -> Answer:
    """400 `Invalid Request`, which names the parameter."""
    errors = [{"parameters": {parameter: []}, "message": message}]
    return Answer.json(
        {
            "errors": errors,
            "title": "Invalid Request",
            "detail": "One or more parameters to your request was invalid.",
            "type": f"{_PROBLEMS}/invalid-request",
        },
        400,
    )


def tweet_not_found(id: str) -> Answer:
    """X answers 200 with errors and no data for a post that does not exist."""
    error = {
        "value": id,
        "detail": f"Could not find tweet with id: [{id}].",
        "title": "Not Found Error",
        "resource_type": "tweet",
        "parameter": "id",
        "resource_id": id,
        "type": f"{_PROBLEMS}/resource-not-found",
    }
    return Answer.json({"errors": [error]})


UNAUTHORIZED = problem(401, "Unauthorized", "Unauthorized")
TOO_MANY = problem(429, "Too Many Requests", "Too Many Requests")
DUPLICATE = problem(403, "Forbidden", "You are not allowed to create a Tweet with duplicate content.")
NOT_PERMITTED = problem(403, "Forbidden", "You are not permitted to perform this action.")
SUSPENDED = problem(403, "Forbidden", "Your account is suspended.", f"{_PROBLEMS}/user-suspended")
REPLY_NOT_ALLOWED = problem(
    403,
    "Forbidden",
    "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author "
    "of the post you are replying to.",
)
REPLY_TARGET_GONE = problem(
    400,
    "Invalid Request",
    "You attempted to reply to a Tweet that is deleted or not visible to you.",
    f"{_PROBLEMS}/invalid-request",
)
CREDITS_DEPLETED = problem(
    402,
    "CreditsDepleted",
    "Your enrolled account does not have any credits to fulfill this request.",
    f"{_PROBLEMS}/credits",
)
