// A browser on a string: reads one command a line from stdin as JSON, answers one line. The test
// in Python decides what is looked at; here stands only how. Arguments: the path of playwright-core.
import { createInterface } from "node:readline";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const { chromium } = await import(process.argv[2] + "/index.mjs");
const profile = mkdtempSync(join(tmpdir(), "patchbay-browser-"));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.argv[3],
  headless: true,
  args: ["--no-sandbox", "--headless", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  javaScriptEnabled: process.argv[4] !== "without-script",
});
const page = await browser.newPage();
const complaints = [];
const strangers = [];
page.on("console", message => {
  if (["error", "warning"].includes(message.type())) complaints.push(message.text());
});
page.on("pageerror", error => complaints.push(String(error)));
page.on("request", request => {
  if (process.argv[5] && !request.url().startsWith(process.argv[5])) strangers.push(request.url());
});

const can = {
  open: ({ url }) => page.goto(url, { waitUntil: "load" }).then(answer => answer.status()),
  size: ({ width, height }) => page.setViewportSize({ width, height }),
  look: ({ scheme, motion }) => page.emulateMedia({ colorScheme: scheme, reducedMotion: motion }),
  text: ({ selector }) => page.locator(selector).innerText(),
  count: ({ selector }) => page.locator(selector).count(),
  attribute: ({ selector, name }) => page.locator(selector).getAttribute(name),
  until: ({ selector, says, seconds }) =>
    page.locator(selector).filter({ hasText: says }).first().waitFor({ timeout: seconds * 1000 }),
  press: ({ key }) => page.keyboard.press(key),
  click: ({ selector }) => page.locator(selector).first().click(),
  value: ({ script }) => page.evaluate(script),
  picture: ({ path }) => page.screenshot({ path, fullPage: true }).then(() => path),
  title: () => page.title(),
  tree: () => page.locator("body").ariaSnapshot(),
  complaints: () => complaints.splice(0),
  strangers: () => strangers.splice(0),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { what, ...how } = JSON.parse(line);
  try {
    console.log(JSON.stringify({ found: (await can[what](how)) ?? null }));
  } catch (error) {
    console.log(JSON.stringify({ failed: String(error) }));
  }
}
await browser.close();
rmSync(profile, { recursive: true, force: true });
