// The PATCHes of the send benchmark with Node's undici: send_undici.mjs ORIGIN CA COUNT CONNECTIONS
import { readFileSync } from 'node:fs';
import { Pool } from 'undici';

const [origin, authority, count, connections] = process.argv.slice(2);
const pool = new Pool(origin, {
  connections: Number(connections), pipelining: 1, connect: { ca: readFileSync(authority) },
});
let next = 0, applied = 0, failed = 0;

async function work() {
  while (next < Number(count)) {
    const number = ++next;
    const data = {
      type: 'customers', id: `i${number}`, attributes: { email: `c${number}@shop.example` },
    };
    const { statusCode, body } = await pool.request({
      path: `/api/customers/i${number}`, method: 'PATCH',
      headers: {
        accept: 'application/vnd.api+json', 'content-type': 'application/vnd.api+json',
        authorization: 'Bearer eyJhbGciOiJub25lIn0.eyJ0ZXN0IjpmYWxzZX0.x',
      },
      body: JSON.stringify({ data }),
    });
    const echo = await body.json();
    if (statusCode === 200 && echo.data.attributes.email === data.attributes.email) ++applied;
    else ++failed;
  }
}

const began = performance.now();
await Promise.all(Array.from({ length: Number(connections) }, work));
const seconds = (performance.now() - began) / 1000;
await pool.close();
console.log(JSON.stringify({ requests: applied, failed, seconds }));
