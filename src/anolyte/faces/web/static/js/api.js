// Questions to the server; what is wrong comes back as an Error with its one line.

export async function ask(path, query, options) {
  const words = query instanceof URLSearchParams ? query : new URLSearchParams(query || {});
  const text = words.toString();
  let answer;
  try {
    answer = await fetch(text ? `${path}?${text}` : path, options);
  } catch (problem) {
    if (problem.name === "AbortError") throw problem;
    throw new Error("the server does not answer: is anolyte serve still running?");
  }
  if (answer.status === 204) return null;
  const told = await answer.json().catch(() => ({ error: `the server answered ${answer.status}` }));
  if (!answer.ok) throw new Error(told.error || `the server answered ${answer.status}`);
  return told;
}

export const send = (path, body) => ask(path, null, { method: "POST", body });

/** Asks again and again, and only the newest answer counts. */
export class Newest {
  constructor() { this.under = null; }
  async ask(path, query) {
    if (this.under) this.under.abort();
    const mine = new AbortController();
    this.under = mine;
    return ask(path, query, { signal: mine.signal });
  }
}

const names = {};
/** The materials of the library, asked for once. */
export async function materials() {
  if (!names.found) names.found = ask("/api/names");
  return names.found;
}
