"""The pages in a real browser: typing, streaming, stopping, a reload, two tabs, a keyboard, a narrow screen.

Skipped unless there are Debian's chromium and chromium-driver, and selenium: pip install -e '.[dev,browser]'.
"""

import shutil
import time

import psutil
import pytest

from tests.web.site import GPT

webdriver = pytest.importorskip(
    "selenium.webdriver", reason="needs selenium: pip install -e '.[browser]'"
)
CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
if CHROMIUM is None or DRIVER is None:
    pytest.skip("needs a browser: apt install chromium chromium-driver", allow_module_level=True)

ActionChains, Keys = webdriver.ActionChains, webdriver.Keys
DRAW = "    return torch.multinomial(probs, 1, generator=generator)"
COUNT = "document.querySelectorAll('.token').length"
QUIET = (
    "no-first-run",
    "disable-background-networking",
    "disable-component-update",
    "disable-sync",
)


class Page:
    """A browser at one of the pages."""

    def __init__(self, driver, address):
        self.driver, self.address = driver, address

    def open(self, panel=""):
        self.driver.get("about:blank")
        self.driver.get(self.address + panel)
        self.until("document.getElementById('model').options.length > 0")

    def js(self, expression):
        return self.driver.execute_script(f"return {expression}")

    def text(self, name):
        return self.js(f"document.getElementById('{name}').textContent")

    def set(self, name, value):
        script = "document.getElementById(arguments[0]).value = arguments[1]"
        self.driver.execute_script(script, name, value)

    def click(self, name):
        self.driver.find_element("id", name).click()

    def press(self, *keys):
        ActionChains(self.driver).send_keys(*keys).perform()

    def until(self, expression, seconds=20):
        end = time.monotonic() + seconds
        while not (found := self.js(expression)):
            assert time.monotonic() < end, f"never came true: {expression}"
            time.sleep(0.02)
        return found

    def write(self, **fields):
        """Writes to the end; (what is said, the error, tokens)."""
        for name, value in fields.items():
            self.set(name, value)
        self.click("write")
        self.until("document.getElementById('halt').disabled")
        return self.text("speak-status"), self.text("speak-error"), self.js(COUNT)


@pytest.fixture(scope="module")
def driver():
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for word in ("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", *QUIET):
        options.add_argument(f"--{word}")
    options.add_argument("--window-size=1200,1000")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def page(driver, site):
    page = Page(driver, site.address)
    page.open()
    yield page
    assert [entry for entry in driver.get_log("browser") if entry["level"] == "SEVERE"] == []


def test_it_streams_stops_and_survives_a_reload(page, server):
    page.set("tokens", "1000")
    page.click("write")
    page.until(f"{COUNT} > 3")
    assert page.text("speak-status") == "Writing …"
    page.click("halt")
    page.until("document.getElementById('halt').disabled")
    assert page.text("speak-status").startswith("Stopped after")
    page.click("write")
    page.until(f"{COUNT} > 3")
    page.driver.refresh()
    page.until("document.getElementById('model').options.length > 0")
    assert page.write(tokens="5")[1:] == ("", 5)
    (forks,) = psutil.Process(server.process.pid).children()
    psutil.wait_procs(forks.children(), 5)  # what the page before had begun is over
    assert forks.children() == []


def test_a_chosen_token_tells_what_else_it_could_have_been_and_where_each_head_looked(page):
    assert page.write(tokens="12")[2] == 12
    assert page.js("document.querySelectorAll('.token li').length") == 36
    page.click("token-7")
    page.until("document.querySelectorAll('#heads canvas').length == 24")
    assert page.js("document.querySelectorAll('#rows tbody tr').length") == 8
    assert page.js("document.getElementById('head-strip').children.length") == len("ROMEO:") + 7


def test_two_tabs_write_at_once(page):
    one = page.driver.current_window_handle
    page.set("tokens", "40")
    page.set("seed", "7")
    page.click("write")
    page.driver.switch_to.new_window("tab")
    page.open()
    assert page.write(tokens="40", seed="7")[2] == 40
    two = page.text("written")
    page.driver.close()
    page.driver.switch_to.window(one)
    page.until("document.getElementById('halt').disabled")
    assert page.text("written") == two


def test_a_model_that_goes_wrong_and_a_hostile_prompt_are_a_sentence(page, site):
    site.change(GPT, DRAW, "    raise ValueError('<img src=x onerror=alert(1)>')")
    assert "raised ValueError: <img src=x onerror=alert(1)> (line " in page.write()[1]
    site.restore()
    for prompt in ("<script>alert(1)</script>", "\0\x1b[31m"):
        assert page.write(prompt=prompt)[1].startswith("This model never saw ")
    assert "at most 10,000 characters" in page.write(prompt="A" * 2**20)[1]
    assert page.write(prompt="A" * 2_100_000)[1] == "That is far too long."
    assert page.js("document.images.length + document.scripts.length") == 1
    assert page.write(prompt="ROMEO:", tokens="3")[1:] == ("", 3)


def test_a_keyboard_is_enough(page):
    page.driver.find_element("id", "prompt").click()
    page.press(Keys.END, Keys.SHIFT, Keys.ENTER, Keys.NULL, "I", Keys.ENTER)
    page.until(f"{COUNT} > 3")
    page.press(Keys.ESCAPE)
    page.until("document.getElementById('halt').disabled")
    assert page.text("speak-status").startswith("Stopped after")
    for _ in range(12):
        if page.js("document.activeElement.id") != "written":
            page.press(Keys.TAB)
    page.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    page.until("document.querySelectorAll('#heads canvas').length == 24")
    assert page.text("chosen-title").startswith("Token 2")
    page.driver.find_element("id", "tab-speak").send_keys(Keys.ARROW_LEFT)  # round to the last tab
    page.until("!document.getElementById('drawn').hidden")
    page.driver.find_element("id", "expression").click()
    page.press(Keys.END, " + b", Keys.ENTER)
    page.until("document.getElementById('step').textContent == 'step 0 of 5'")
    page.driver.find_element("id", "next").send_keys(Keys.ENTER, Keys.ENTER)
    assert page.text("step") == "step 2 of 5"
    page.click("last")
    assert page.js("document.querySelectorAll('#slopes td').length") == 12
    assert page.text("slopes").count("agrees") == 3


def test_what_is_typed_is_cut_at_once(page):
    page.click("tab-pieces")
    page.driver.find_element("id", "text").clear()
    page.driver.find_element("id", "text").send_keys("<b>to be</b>")
    cards = "[...document.querySelectorAll('#cuts section')].map(s => [...s.querySelectorAll('b')]"
    read = f"{cards}.slice(1).map(b => b.textContent).join('')).join(' ')"
    page.until(f"{read} == '<b>to·be</b> <b>to·be</b> <b>to·be</b>'")


def test_nothing_is_wider_than_a_narrow_screen_and_nobody_else_is_asked(page):
    narrow = dict(width=360, height=740, deviceScaleFactor=1, mobile=True)
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", narrow)
    try:
        page.write(tokens="30")
        page.driver.execute_script("document.querySelectorAll('.token')[29].click()")
        page.until("document.querySelectorAll('#heads canvas').length == 24")
        for tab in ("tab-speak", "tab-pieces", "tab-graph"):
            page.click(tab)
            page.until("true")
            assert page.js("document.documentElement.scrollWidth") <= 360
    finally:
        page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    sent = [e["message"] for e in page.driver.get_log("performance")]
    hosts = {
        m.split('"url":"')[1].split("/")[2]
        for m in sent
        if '"Network.requestWillBeSent"' in m and '"url":"http' in m
    }
    assert hosts <= {page.address.split("/")[2]}
