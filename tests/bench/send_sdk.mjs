// The PATCHes of the send benchmark with the API's official SDK: send_sdk.mjs ORIGIN COUNT AT_ONCE.
// Its host is fixed, so its fetch is led to the origin; NODE_EXTRA_CA_CERTS names the authority.
import { CommerceLayer } from '@commercelayer/sdk/bundle';

const [origin, count, atOnce] = process.argv.slice(2);
const shop = CommerceLayer({
  organization: 'bench',
  accessToken: 'eyJhbGciOiJub25lIn0.eyJ0ZXN0IjpmYWxzZX0.x',
  fetch: (url, init) => fetch(origin + url.pathname + url.search, init),
});
let next = 0, applied = 0, failed = 0;

async function work() {
  while (next < Number(count)) {
    const number = ++next;
    const email = `c${number}@shop.example`;
    const echo = await shop.customers.update({ id: `i${number}`, email });
    if (echo.email === email) ++applied;
    else ++failed;
  }
}

const began = performance.now();
await Promise.all(Array.from({ length: Number(atOnce) }, work));
console.log(JSON.stringify({
  requests: applied, failed, seconds: (performance.now() - began) / 1000,
}));
