"""The part of a claim that is the same in each peer: the RPC's arguments, and the sentence of its result."""

from typing import Any

Json = dict[str, Any]

EPHEMERAL = 64


def arguments(interaction: Json) -> Json:
    """The arguments of claim_drop for a click on the button `claim:DROP`."""
    member = interaction["member"]
    caller = {
        "interaction_id": interaction["id"],
        "server_id": interaction["guild_id"],
        "channel_id": interaction["channel_id"],
        "user_id": member["user"]["id"],
        "role_ids": member["roles"],
        "manages_server": False,
        "required_level": None,
    }
    drop_id = interaction["data"]["custom_id"].split(":")[1]
    return {"p_caller": caller, "p_drop_id": drop_id, "p_message_id": interaction["message"]["id"]}


def sentence(result: Json) -> str:
    """What the member reads."""
    assert result["outcome"] == "claimed", result
    return f"You got **{result['amount']} RSNC**! Your total is now **{result['balance']} RSNC**."


def message(result: Json) -> Json:
    """The reply to the interaction."""
    return {"type": 4, "data": {"content": sentence(result), "flags": EPHEMERAL}}
