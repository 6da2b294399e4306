// Columns: fetched once per URL and page, shared by every plot on it (the layout is described in modules/columns.py).
const ARRAYS = { f4: Float32Array, i4: Int32Array, i2: Int16Array, u1: Uint8Array };
const columnCache = (window.moraineColumns ??= new Map());

function parseColumns(buffer) {
  const size = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, size)));
  const start = 4 + size;
  const columns = head.said ? { said: head.said } : {};
  for (const [name, { type, offset, bytes }] of Object.entries(head.columns)) {
    if (type === "text") {
      columns[name] = new TextDecoder().decode(new Uint8Array(buffer, start + offset, bytes)).split("\n");
    } else {
      const Kind = ARRAYS[type];
      columns[name] = new Kind(buffer, start + offset, bytes / Kind.BYTES_PER_ELEMENT);
    }
  }
  return columns;
}

async function fetchOnce(url, read) {
  if (!columnCache.has(url)) {
    const reply = fetch(url).then((answer) => {
      if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
      return read(answer);
    });
    reply.catch(() => columnCache.delete(url)); // a failed fetch may be tried again
    columnCache.set(url, reply);
  }
  return columnCache.get(url);
}

const fetchColumns = (url) => fetchOnce(url, async (answer) => parseColumns(await answer.arrayBuffer()));

async function loadColumns(urls) {
  return Object.assign({}, ...(await Promise.all(urls.map(fetchColumns))));
}
