"""A whole interview, in English and in Chinese: planned, begun, asked, scored, hinted, coded, diagnosed, finished, reported, opened
again and looked at again; what the board shows of an earlier time, and the report's numbers, worked out once more from the events."""
import html
import json
import os
import re
import shutil
import subprocess

import board
from board import wait_for
from interviews import SHELF, Interview, events, kinds, leaks, picture

WEIGHTS = {"basics": 25, "practice": 30, "optimise": 25, "innovate": 20}
NAMES = {"basics": ("Fundamentals", "基础理论"), "practice": ("Experience", "实践经验"), "optimise": ("Optimisation", "优化能力"),
         "innovate": ("Innovation", "创新潜力")}
FIRST = "import torch\nx = torch.ones(3)\nprint(x.sum())\n"
SECOND = "print((x * 2).sum())\n"


def begin(window):
    window.key("ctrl+shift+i")
    window.wait("push button", window.say("Plan the interview", "生成面试计划"))
    window.type("Han Meimei")
    window.key("Return")
    window.press(window.say("Begin", "开始"))
    wait_for("the first question", lambda: kinds("ask"))
    wait_for("both windows", lambda: len(window.frames()) == 3)


def score_and_note(window):
    """By keys alone, also while a note is written."""
    window.front(window.ROOM)
    window.key("ctrl+shift+r")
    wait_for("the question on the board", lambda: kinds("reveal"))
    wait_for("its picture", lambda: kinds("picture"))
    window.key("alt+3")
    wait_for("the score", lambda: [body for body in kinds("score") if body["score"] == 3])
    window.key("ctrl+n")
    window.type("asks back")
    window.key("alt+4")
    wait_for("the other score", lambda: kinds("score")[-1]["score"] == 4)
    window.key("Return")
    wait_for("the note", lambda: kinds("note"))
    picture("room-run" + window.say("", "-zh"))


def code(window):
    window.front(window.SHARED)
    window.key("ctrl+t")
    wait_for("the new text", lambda: kinds("front")[-1]["file"].startswith(window.say("untitled", "未命名")))
    window.type_lines(FIRST)
    window.key("F5")
    wait_for("the run", lambda: kinds("run"))
    wait_for("where it stands", lambda: kinds("state"))
    window.type_lines(SECOND)
    before = len(kinds("state"))
    window.key("ctrl+F5")
    wait_for("the second run", lambda: len(kinds("run")) == 2)
    wait_for("where it stands", lambda: len(kinds("state")) > before)
    wait_for("the output", lambda: "tensor(6.)" in window.text_of(window.say("Output of the program", "程序的输出")))
    window.front(window.ROOM)
    window.key("ctrl+d")
    wait_for("the moment", lambda: kinds("moment"))


def ask_of_kind(window, kind):
    """Goes on until an item of the kind is asked."""
    items = {item["id"]: item for part in kinds("plan")[-1]["parts"] for item in part["items"]}
    for _ in range(len(items)):
        if items[kinds("ask")[-1]["item"]]["kind"] == kind:
            return kinds("ask")[-1]["item"]
        n = len(kinds("ask"))
        window.front(window.ROOM)
        window.key("alt+Page_Down")
        wait_for("the next question", lambda: len(kinds("ask")) == n + 1)
        window.key("alt+%d" % (n % 5))
        wait_for("its score", lambda: kinds("score")[-1]["item"] == kinds("ask")[-1]["item"])
    raise board.Failure("the plan has no %s" % kind)


def diagnose(window):
    item = ask_of_kind(window, "case")
    window.key("ctrl+shift+r")
    wait_for("the case's program", lambda: [body for body in kinds("text") if body["origin"].startswith("case:")])
    window.key("ctrl+h")
    wait_for("the hint", lambda: [body for body in kinds("hint") if body["item"] == item])
    hint = kinds("hint")[-1]
    window.front(window.SHARED)
    window.says(hint["text"][window.say("en", "zh")])
    window.press(window.say("Claim", "断言"))
    wait_for("the claim", lambda: kinds("claim"))
    window.press(window.say("Check", "检查"))
    wait_for("the check", lambda: kinds("check"), 90)
    assert kinds("check")[-1]["holds"] is False
    picture("room-case" + window.say("", "-zh"))
    window.front(window.ROOM)


def finish(window):
    window.press(window.say("Finish", "结束"))
    wait_for("the end", lambda: kinds("finish"))


def says(window, prefix):
    """Whether that is what happened last: the list beside has it all."""
    return [node for node in window.walk() if node.role == "label" and node.name.startswith(prefix)
            and node.get_parent().get_parent().get_role_name() != "list item"]


def replay(window):
    output, text = window.say("Output of the program", "程序的输出"), window.say("Program text", "程序文本")
    window.press(window.say("Replay", "回放"))
    window.front(window.REPLAY)
    window.front(window.ROOM)
    window.key("End")
    picture("replay-end" + window.say("", "-zh"))
    # Back from mark to mark, by keys: to where the first program had run and the second line was not typed.
    events_at = [index for index, (kind, _) in enumerate(events()[1]) if kind == "run"]
    assert len(events_at) >= 2
    window.key("Home")
    ran = window.say("ran untitled.py", "运行 ")
    for _ in range(200):
        window.key("Right")
        if says(window, ran):
            break
    else:
        raise board.Failure("no mark of the run: %s" % window.labels())
    window.front(window.REPLAY)
    wait_for("the text as it ran", lambda: FIRST.strip() in window.texts_of(text))
    window.front(window.ROOM)
    window.key("Right")  # beyond the typing
    window.front(window.REPLAY)
    wait_for("the longer text", lambda: (FIRST + SECOND).strip() in window.texts_of(text))
    wait_for("the first run, again", lambda: "tensor(3.)" in window.text_of(output) and "tensor(6.)" not in window.text_of(output), 60)
    window.front(window.ROOM)
    window.key("Right", "Right", "Right")
    window.front(window.REPLAY)
    wait_for("the second run, again", lambda: "tensor(6.)" in window.text_of(output), 60)
    picture("replay-board" + window.say("", "-zh"))
    found = leaks(window, [window.app])
    assert not found, found[:3]
    window.front(window.ROOM)
    picture("replay-room" + window.say("", "-zh"))
    n = len(events()[1])
    window.key("alt+2", "ctrl+h")  # what was is not changed
    window.press(window.say("Leave the replay", "退出回放"))
    window.wait("push button", window.say("Replay", "回放"))
    assert len(events()[1]) == n, events()[1][n:]


def report(program, window, language):
    """Its numbers worked out again, from the events alone."""
    path, told = events()
    out = os.path.join(os.environ["HOME"], "report.json")
    subprocess.run([program, "report", path, "--lang", language, "-o", out], check=True, capture_output=True)
    with open(out, encoding="utf-8") as file:
        found = json.load(file)
    scores, hints = {}, {}
    for kind, body in told:
        if kind == "score":
            scores[body["item"], body["dimension"]] = body["score"]
        elif kind == "hint":
            hints[body["item"]] = hints.get(body["item"], 0) + body["cost"]
    points = weight = 0
    for dimension, share in WEIGHTS.items():
        given = [score for (_, of), score in scores.items() if of == dimension and score is not None]
        assert found["dimensions"][dimension]["scores"] == len(given), (dimension, given, found["dimensions"])
        if given:
            mean = sum(given) / len(given)
            assert abs(found["dimensions"][dimension]["mean"] - mean) < 1e-9
            points += share * mean / 4
            weight += share
    assert abs(found["points"] - 100 * points / weight) < 1e-6, (found["points"], points, weight)
    asked = {body["item"] for kind, body in told if kind == "ask"}
    assert {item["item"] for item in found["items"]} == asked
    for item in found["items"]:
        assert abs(item.get("hint_cost", 0) - hints.get(item["item"], 0)) < 1e-9, item
    for ending in ("pdf", "html", "md"):
        subprocess.run([program, "report", path, "--lang", language, "-o", out[:-4] + ending], check=True, capture_output=True)
    with open(out[:-4] + "html", encoding="utf-8") as file:
        text = file.read()
    assert "data:image/png" in text
    if "E2E_PICTURES" in os.environ:
        for ending in ("pdf", "html", "md"):
            shutil.copy(out[:-4] + ending, os.path.join(os.environ["E2E_PICTURES"], "report-%s.%s" % (language, ending)))


def links(program, **environment):
    """What the report leads to opens: a run where it stood, and the interview at a time."""
    with open(os.path.join(os.environ["HOME"], "report.html"), encoding="utf-8") as file:
        found = [html.unescape(link) for link in re.findall('href="((?:moment|interview):[^"]+)"', file.read())]
    moment = next(link for link in found if link.startswith("moment:"))
    later = max((link for link in found if link.startswith("interview:")), key=lambda link: int(link.split("?at=")[1]))
    window = Interview(program, moment, **environment)
    try:
        name = window.say("Program text", "程序文本")
        wait_for("the program of the moment", lambda: any(FIRST.strip() in text for text in window.texts_of(name)))
        wait_for("its output", lambda: "tensor(6.)" in window.text_of(window.say("Output of the program", "程序的输出")), 60)
    finally:
        window.close()
    at = int(later.split("?at=")[1]) // 1000
    window = Interview(program, later, **environment)
    try:
        window.front(window.ROOM)
        window.wait("push button", window.say("Leave the replay", "退出回放"))
        window.says("%d:%02d / " % (at // 60, at % 60))
        picture("replay-link" + window.say("", "-zh"))
    finally:
        window.close()


def whole(program, **environment):
    shutil.rmtree(SHELF, ignore_errors=True)
    window = Interview(program, **environment)
    try:
        begin(window)
        score_and_note(window)
        code(window)
        diagnose(window)
        finish(window)
    finally:
        window.close()
    path = events()[0]
    report(program, window, window.say("en", "zh"))
    links(program, **environment)
    window = Interview(program, path, **environment)
    try:
        window.title = window.ROOM
        replay(window)
    finally:
        window.close()


def in_english(program):
    whole(program)


def in_chinese_and_dark(program):
    whole(program, LANGUAGE="zh_CN", ADW_DEBUG_COLOR_SCHEME="prefer-dark")


board.run([in_english, in_chinese_and_dark])
