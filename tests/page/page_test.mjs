// What a reader does with the HTML report. Run by page_test.sh.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

// What the page must show, from the report that it was made of.
const failed_ids = readFileSync("mutant.jsonl", "utf8").trim().split("\n").map((line) => JSON.parse(line))
  .filter((line) => line.verdict === "fail").map((line) => line.id);
assert.ok(failed_ids.includes("digest.blob-mismatch"), "the mutant fails");

const page_url = pathToFileURL("matrix.html").href;
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update"],
});

async function open(options = {}, hash = "") {
  const context = await browser.newContext({ offline: true, ...options });
  const page = await context.newPage();
  const problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => { if (message.type() === "error") problems.push(message.text()); });
  page.on("request", (request) => { if (!request.url().startsWith("file:")) problems.push(request.url()); });
  await page.goto(page_url + hash);
  return { page, problems };
}
const shown = (page) => page.locator("tr[data-id]:visible").count();

const checks = {
  async "filters narrow the rows, and say how many are left"() {
    const { page, problems } = await open();
    const all = await shown(page);
    assert.ok(all > 20, `${all} rows`);
    await page.fill("#find", "mismatch");
    const found = await shown(page);
    assert.ok(found > 0 && found < all, `${found} of ${all}`);
    assert.equal(await page.textContent("#count"), `${found} of ${all} cases`);
    await page.fill("#find", "");
    await page.selectOption("#verdict", "fail");
    assert.deepEqual(await page.locator("tr[data-id]:visible").evaluateAll((rows) => rows.map((row) => row.dataset.id)), failed_ids);
    await page.selectOption("#client", { label: "builtin" });
    assert.equal(await shown(page), 0, "the built-in client fails nothing");
    await page.selectOption("#client", "");
    await page.selectOption("#verdict", "");
    await page.check("#differ");
    assert.deepEqual(await page.locator("tr[data-id]:visible").evaluateAll((rows) => rows.map((row) => row.dataset.id)), failed_ids);
    assert.deepEqual(problems, []);
  },

  async "a click on a cell tells what happened, and Escape gives the focus back"() {
    const { page, problems } = await open();
    const cell = page.locator('tr[data-id="digest.blob-mismatch"] .v.fail');
    await cell.click();
    const told = await page.textContent("#cell");
    for (const part of ["digest.blob-mismatch: fail", "expected", "rule", "flip", "Run only this again",
                        "--run digest.blob-mismatch"]) {
      assert.ok(told.includes(part), `no “${part}” in: ${told}`);
    }
    assert.equal(await page.locator(".exchange.fired .rule").first().textContent(), "flip");
    const rests_on = page.locator("#cell a").first();
    assert.match(await rests_on.getAttribute("href"), /^https:\/\/.*#pulling-blobs$/);
    assert.match(await rests_on.locator("..").textContent(), /OCI distribution-spec.*: ./);
    await page.screenshot({ path: "cell.png" });
    await page.keyboard.press("Escape");
    assert.ok(!(await page.locator("#cell").isVisible()));
    assert.ok(await cell.evaluate((element) => element === document.activeElement));
    assert.deepEqual(problems, []);
  },

  async "the keyboard goes from cell to cell and opens one"() {
    const { page } = await open();
    await page.locator(".v").first().focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    const focused = await page.evaluate(() => document.activeElement.getAttribute("aria-label"));
    assert.match(focused, /^mutant:ignores-digests, digest\./);
    await page.keyboard.press("Enter");
    assert.ok(await page.locator("#cell").isVisible());
  },

  async "an address with a client and a case opens that cell"() {
    const { page } = await open({}, "#mutant%3Aignores-digests/digest.config-mismatch");
    assert.match(await page.textContent("#cell-title"), /^digest\.config-mismatch: fail/);
  },

  async "in the dark, and on a phone, nothing is lost"() {
    const { page } = await open({ colorScheme: "dark", viewport: { width: 360, height: 740 } });
    const body = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    assert.equal(body, "rgb(22, 22, 22)");
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "the page itself does not scroll sideways");
    const box = await page.locator(".v").first().boundingBox();
    assert.ok(box.height >= 32, `a finger needs room: ${box.height}`);
    await page.screenshot({ path: "phone.png" });
  },

  async "without scripts it is a table"() {
    const { page } = await open({ javaScriptEnabled: false });
    assert.ok(await shown(page) > 20);
    assert.ok(!(await page.locator("#filters").isVisible()));
  },
};

let failed = 0;
for (const [name, check] of Object.entries(checks)) {
  try {
    await check();
    console.log(`ok: ${name}`);
  } catch (error) {
    ++failed;
    console.log(`FAILED: ${name}\n${error.stack}`);
  }
}
const { page } = await open({ viewport: { width: 1200, height: 800 } });
await page.screenshot({ path: "matrix.png" });
await browser.close();
process.exit(failed === 0 ? 0 : 1);
