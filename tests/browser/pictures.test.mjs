// Chromium sends and receives pictures through the bridge, in both codecs and in layers: whose
// picture a page sees is read out of the picture itself.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { CHAIR, Hall, sees, SITE } from "./pictures.mjs";

let hall;

before(async () => { hall = await Hall.open(); });

after(async () => { await hall?.close(); });

for (const codec of ["VP8", "H264"]) {
  test(`pages see each other in ${codec}`, async () => {
    await hall.meet({ codec }, { codec }, async (chair, site) => {
      await sees(site, CHAIR);
      const { request } = await site.evaluate(() => window.room.call("floor.request"));
      await chair.evaluate((id) => window.room.call("floor.grant", { request: id }), request);
      await sees(chair, SITE);
      await sees(site, CHAIR);
    });
  });
}

test("of three layers the tallest comes through once the line is known", async () => {
  const layers = [{ rid: "q", scaleResolutionDownBy: 4, maxBitrate: 150000 },
    { rid: "h", scaleResolutionDownBy: 2, maxBitrate: 500000 }, { rid: "f", maxBitrate: 1500000 }];
  await hall.meet({ codec: "VP8", layers, width: 1280, height: 720 }, { codec: "VP8" }, async (chair, site) => {
    await sees(site, CHAIR);
    await site.waitForFunction(() => window.room.video.videoHeight === 720, null, { polling: 200 });
    await sees(site, CHAIR);
    const lost = await site.evaluate(() => window.room.stats("inbound-rtp", "freezeCount"));
    assert.ok(lost[0] <= 1, `it froze ${lost[0]} times`);
  });
});
