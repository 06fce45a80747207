#!/usr/bin/python3
"""A class with real browsers: two headless ones follow, on a wide screen and on a telephone, predict, see what is shown, come back after
the connection broke, and hear that the lesson is over.  Needs Chromium (Debian's package chromium); without it this is skipped."""
import importlib
import os
import sys

import browser
from board import Failure, run, wait_for

lessons = importlib.import_module("test-class")
PICTURES = os.environ.get("E2E_PICTURES")


def expect_no_complaints(*pages):
    for page in pages:
        complaints = page.complaints()
        if complaints:
            raise Failure("the browser complains: %s" % complaints)


def type_on_telephone(page, answer):
    """A finger on the line, a keyboard that takes half of the screen, letters one by one, and the finger on the button."""
    def place(name):
        return page.ask("(() => { const box = document.getElementById('%s').getBoundingClientRect();"
                        " return [box.left + box.width / 2, box.top + box.height / 2, box.width, box.height, innerWidth, innerHeight]; })()" % name)

    def tap(name):
        x, y, width, height, most_x, most_y = place(name)
        if not (0 < x < most_x and 0 < y < most_y) or height < 40 or width < 40:
            raise Failure("%s is no place for a finger: %s" % (name, place(name)))
        page.call("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}])
        page.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    page.call("Emulation.setTouchEmulationEnabled", enabled=True)
    page.ask("document.getElementById('answer').scrollIntoView({block: 'center'})")
    tap("answer")
    wait_for("the caret in the line", lambda: page.ask("document.activeElement.id") == "answer")
    page.call("Emulation.setDeviceMetricsOverride", width=390, height=420, deviceScaleFactor=1, mobile=True)
    for letter in answer:
        page.call("Input.insertText", text=letter)
    if page.ask("document.getElementById('answer').value") != answer:
        raise Failure("what was typed does not stand there: %r" % page.ask("document.getElementById('answer').value"))
    if page.ask("document.documentElement.scrollWidth") > 390 or page.ask("parseFloat(getComputedStyle(document.activeElement).fontSize)") < 16:
        raise Failure("a telephone zooms into this line")
    if PICTURES:
        page.picture(os.path.join(PICTURES, "follow-phone-typing.png"))
    tap("send")
    page.call("Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=1, mobile=True)


def with_browsers(program):
    window, chromium = lessons.Lesson(program, "digits-cnn"), browser.Browser()
    try:
        wait_for("the text", lambda: "Conv2d" in window.text_of("Program text"))
        window.begin()
        window.press("Let the class follow")
        link = wait_for("the link", lambda: next(node.name for node in window.walk(window.presenter) if node.name.startswith("http://127")))
        wide = chromium.open(link)
        phone = chromium.open(link, width=390, height=844, dark=True, language="zh-CN")
        for page in (wide, phone):
            wait_for("the board's picture", lambda: page.ask("document.querySelectorAll('#board svg text').length") > 20)
        window.says("2 follow.")
        wait_for("the program as text", lambda: "nn.Conv2d" in wide.ask("document.getElementById('program').textContent"))
        # Its text can be selected, and the page fits a telephone.
        found = wide.ask("(() => { const node = [...document.querySelectorAll('#board text')].find(n => n.textContent.includes('digits'));"
                         " getSelection().selectAllChildren(node); const said = getSelection().toString(); getSelection().removeAllRanges(); return said; })()")
        if "digits" not in found:
            raise Failure("the picture's text cannot be selected: %r" % found)
        if phone.ask("document.documentElement.scrollWidth") > 390:
            raise Failure("the page is wider than a telephone")
        window.press("Next step")
        for page in (wide, phone):
            wait_for("the question", lambda: page.ask("!document.getElementById('ask').hidden"))
        if "一共多少个参数" not in phone.text():
            raise Failure("the question is not in the reader's language")
        wide.ask("document.getElementById('answer').value = '35914'")
        wide.ask("document.getElementById('send').click()")
        type_on_telephone(phone, "36000")
        wait_for("the answer taken", lambda: "You said 35914" in wide.text() and "你答的是 36000" in phone.text())
        window.says("2 answers")
        window.press("Next step")
        wait_for("the counts", lambda: wide.ask("[...document.querySelectorAll('#bars th')].map(n => n.textContent).join()") == "35914,36000")
        # Everything that can be used says what it is.
        nameless = wide.ask("[...document.querySelectorAll('button, input')].filter(n => n.offsetParent && !n.textContent.trim()"
                            " && !(n.labels && n.labels.length)).length")
        if nameless:
            raise Failure("%d controls without a name" % nameless)
        if PICTURES:
            wide.picture(os.path.join(PICTURES, "follow-wide.png"))
            phone.picture(os.path.join(PICTURES, "follow-phone.png"))
        expect_no_complaints(wide, phone)
        # Gone from the network and back: the page connects by itself, and is the same one.
        you = wide.ask("you")
        wide.call("Network.enable")
        wide.call("Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=-1, uploadThroughput=-1)
        for attempt in range(4):  # a browser that has much to do takes the network away later than it says
            wide.ask("connect()")
            try:
                wait_for("the break", lambda: "Trying again" in wide.text(), 5)
                break
            except Failure:
                if attempt == 3:
                    raise
        wide.call("Network.emulateNetworkConditions", offline=False, latency=0, downloadThroughput=-1, uploadThroughput=-1)
        wait_for("live again", lambda: "Live" in wide.text())
        if wide.ask("you") != you:
            raise Failure("who came back is counted twice")
        window.press("End the lesson")
        wait_for("the end", lambda: "The lesson is over." in wide.text() and "下课了" in phone.text())
    finally:
        chromium.close()
        window.close()


if __name__ == "__main__":
    if not browser.find():
        print("1..0 # SKIP there is no Chromium")
        sys.exit(77)
    run([with_browsers])
