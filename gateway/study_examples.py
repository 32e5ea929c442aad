"""The examples that /docs shows for studies."""

from gateway.described import Answers, answers
from gateway.examples import CREATED, IMAGE, Json, body

STUDY_ID = "study_8kW2"
INVITATION = f"local.{STUDY_ID}.5f0c1a9be27d4836a1c0b2d9e4f78356"
STUDY_HEAD: Json = {
    "id": STUDY_ID,
    "title": "two text guidance scales",
    "question": "Which picture follows the instruction better?",
    "pair_count": 1,
    "vote_count": 12,
    "created_at": CREATED,
    "invitation": INVITATION,
    "urls": {
        "self": f"/v1/studies/{STUDY_ID}",
        "next": f"/v1/studies/{STUDY_ID}/next",
        "votes": f"/v1/studies/{STUDY_ID}/votes",
        "results": f"/v1/studies/{STUDY_ID}/results",
        "csv": f"/v1/studies/{STUDY_ID}/results.csv",
        "page": f"/#{STUDY_ID}",
        "invitation": f"/#{STUDY_ID}?invitation={INVITATION}",
    },
}
STUDY: Json = {
    **STUDY_HEAD,
    "pairs": [
        {
            "number": 1,
            "instruction": "paint the house orange",
            "source_image_id": IMAGE["id"],
            "a": {"image_id": "img_9sKe", "label": "s_T = 7.5", "url": "/v1/images/img_9sKe"},
            "b": {"image_id": "img_b2Lq", "label": "s_T = 3", "url": "/v1/images/img_b2Lq"},
        }
    ],
}
NEXT_PAIR: Json = {
    "title": STUDY_HEAD["title"],
    "question": STUDY_HEAD["question"],
    "voted": 0,
    "total": 1,
    "pair": {
        "number": 1,
        "instruction": "paint the house orange",
        "source_url": IMAGE["urls"]["self"],
        "left_url": "/v1/images/img_b2Lq",
        "right_url": "/v1/images/img_9sKe",
    },
}


def _estimate(value: float, low: float, high: float, count: int, method: str = "t") -> Json:
    return {"value": value, "low": low, "high": high, "count": count, "method": method}


RATINGS: Json = {
    "count": 20,
    "image_quality": _estimate(3.9, 3.53, 4.27, 20),
    "satisfaction": _estimate(4.1, 3.68, 4.52, 20),
    "by_model": [
        {
            "name": "mini-editor",
            "image_quality": _estimate(3.9, 3.53, 4.27, 20),
            "satisfaction": _estimate(4.1, 3.68, 4.52, 20),
        }
    ],
    "by_quality": [
        {"name": "exact", "image_quality": _estimate(4.0, 3.5, 4.5, 12), "satisfaction": _estimate(4.2, 3.7, 4.7, 12)},
        {"name": "fast", "image_quality": _estimate(3.75, 3.1, 4.4, 8), "satisfaction": _estimate(3.95, 3.2, 4.7, 8)},
    ],
}
RESULTS: Json = {
    "id": STUDY_ID,
    "title": STUDY_HEAD["title"],
    "question": STUDY_HEAD["question"],
    "participants": 12,
    "votes": 12,
    "left_rate": _estimate(0.5, 0.237, 0.763, 10, "wilson"),
    "labels": [
        {
            "label": "s_T = 7.5",
            "votes": 12,
            "wins": 7,
            "losses": 3,
            "same": 2,
            "win_rate": _estimate(0.7, 0.397, 0.892, 10, "wilson"),
            "score": _estimate(0.667, 0.386, 0.947, 12),
        },
        {
            "label": "s_T = 3",
            "votes": 12,
            "wins": 3,
            "losses": 7,
            "same": 2,
            "win_rate": _estimate(0.3, 0.108, 0.603, 10, "wilson"),
            "score": _estimate(0.333, 0.053, 0.614, 12),
        },
    ],
    "matches": [
        {
            "a": "s_T = 3",
            "b": "s_T = 7.5",
            "votes": 12,
            "a_wins": 3,
            "b_wins": 7,
            "same": 2,
            "a_win_rate": _estimate(0.3, 0.108, 0.603, 10, "wilson"),
        }
    ],
    "pairs": [{"number": 1, "a": 7, "b": 3, "same": 2}],
    "ratings": RATINGS,
}
VOTES_CSV = "\n".join(
    (
        "pair,instruction,label_a,label_b,chosen,left,participant",
        "1,paint the house orange,s_T = 7.5,s_T = 3,a,s_T = 3,1",
        "",
    )
)
RATINGS_CSV = "\n".join(
    (
        "edit,instruction,model,quality,image_quality,satisfaction",
        "edit_5bO1,paint the house orange,mini-editor,exact,5,4",
        "",
    )
)

STUDY_BODY = body(
    one_pair={
        "title": STUDY["title"],
        "question": STUDY["question"],
        "pairs": [
            {
                "instruction": "paint the house orange",
                "source_image_id": IMAGE["id"],
                "a": {"image_id": "img_9sKe", "label": "s_T = 7.5"},
                "b": {"image_id": "img_b2Lq", "label": "s_T = 3"},
            }
        ],
    }
)
VOTE_BODY = body(the_left_one={"pair": 1, "choice": "left", "participant": "b1946ac92492d2347c6235b4d2611184"})


def csv_answers(example: str, *problems: int) -> Answers:
    """Return what an export answers."""
    return {
        **answers(200, None, *problems),
        200: {"content": {"text/csv": {"schema": {"type": "string"}, "example": example}}},
    }
