// Filters → what the page shows, from the server that gave the page; and word of new commits.
import { NAMES } from "./filters.js";

/** A source of views that asks the server; `orders` tells how the tables are sorted and which page they are at. */
export function openRemote(report, orders) {
  const ask = async (path, given) => {
    const kept = Object.entries(given).filter(([, value]) => value !== "" && value !== undefined && value !== null);
    const answer = await fetch(`${path}?${new URLSearchParams(kept)}`);
    if (!answer.ok) throw new Error(await answer.text());
    return answer.json();
  };
  return {
    view(filters) {
      const given = Object.fromEntries(NAMES.map((name) => [name, filters[name]]));
      for (const [table, { id, desc, page }] of Object.entries(orders())) {
        Object.assign(given, { [`${table}_sort`]: id, [`${table}_down`]: desc ? 1 : "", [`${table}_page`]: page });
      }
      return ask("view.json", given);
    },
    evidence: (id) => ask("event.json", { id }),
    tables: () => ask("tables.json", {}),
  };
}

const EVERY = 2_000;

/** What to do with a new version → calls it whenever there is one, while the page can be seen. */
export function follow(version, changed, lost) {
  let known = version;
  const look = async () => {
    try {
      if (!document.hidden) {
        const answer = await fetch("version");
        const now = (await answer.text()).trim();
        lost(false);
        if (answer.ok && now !== known) {
          await changed();
          known = now;
        }
      }
    } catch {
      lost(true);
    }
    setTimeout(look, EVERY);
  };
  setTimeout(look, EVERY);
}
