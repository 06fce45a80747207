"""A headless Chromium that a test drives by its own protocol, through two pipes: no driver, no port, no network."""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

NAMES = ("chromium", "chromium-headless-shell")


def find():
    """The browser's path, or None where there is none."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


class Browser:
    def __init__(self, language="en-US"):
        self.folder = tempfile.mkdtemp()
        to_read, self.to_browser = os.pipe()
        self.from_browser, to_write = os.pipe()
        # The protocol's pipes are numbers 3 and 4 of the browser.
        script = 'exec "$@" 3<&%d 4>&%d' % (to_read, to_write)
        self.process = subprocess.Popen(
            ["bash", "-c", script, "browser", find(), "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--no-first-run", "--disable-extensions", "--disable-component-update", "--disable-background-networking",
             "--remote-debugging-pipe", "--user-data-dir=" + self.folder, "--lang=" + language, "about:blank"],
            pass_fds=(to_read, to_write), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "LANGUAGE": language.replace("-", "_")})
        os.close(to_read)
        os.close(to_write)
        self.number, self.buffer, self.answers, self.events = 0, b"", {}, []

    def call(self, method, session=None, seconds=30, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.to_browser, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + seconds
        while self.number not in self.answers:
            if not self._read(end - time.monotonic()):
                raise TimeoutError("the browser did not answer %s" % method)
        answer = self.answers.pop(self.number)
        if "error" in answer:
            raise RuntimeError("%s: %s" % (method, answer["error"]["message"]))
        return answer["result"]

    def _read(self, seconds):
        if not select.select([self.from_browser], [], [], max(0, seconds))[0]:
            return False
        self.buffer += os.read(self.from_browser, 1 << 16)
        *whole, self.buffer = self.buffer.split(b"\0")
        for text in whole:
            message = json.loads(text)
            if "id" in message:
                self.answers[message["id"]] = message
            else:
                self.events.append(message)
        return True

    def open(self, address, width=1280, height=900, dark=False, language="en-US"):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session)
        for domain in ("Page", "Runtime", "Log"):
            page.call(domain + ".enable")
        page.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        page.call("Network.setUserAgentOverride", userAgent="Gradboard test", acceptLanguage=language)
        page.call("Page.navigate", url=address)
        return page

    def close(self):
        try:
            self.call("Browser.close", seconds=5)
        except (OSError, TimeoutError, RuntimeError):
            pass
        os.close(self.to_browser)
        os.close(self.from_browser)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Page:
    def __init__(self, browser, session):
        self.browser, self.session = browser, session

    def call(self, method, **parameters):
        return self.browser.call(method, session=self.session, **parameters)

    def ask(self, expression):
        """The value of an expression in the page."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"]["exception"].get("description", "the page threw"))
        return answer["result"].get("value")

    def text(self):
        return self.ask("document.body.innerText")

    def picture(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def complaints(self):
        """What the browser itself has to say against the page: errors, what its policy refused."""
        self.ask("1")
        return [event["params"].get("entry", event["params"]) for event in self.browser.events
                if event.get("sessionId") == self.session
                and (event["method"] == "Runtime.exceptionThrown"
                     or event["method"] == "Log.entryAdded" and event["params"]["entry"]["level"] == "error")]
