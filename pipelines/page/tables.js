// Rows and columns → a table that is sorted and paged by TanStack Table and drawn here, as plain HTML.
import { count, el, refill } from "./dom.js";

const PAGE = 25;

/**
 * Place, columns and what to do → a function that shows rows.
 *
 * A column has `id`, `words`, `value` (what it is sorted by; without it there is no sorting) and `cell`.
 * Rows of a server come one page at a time: it is then asked anew (`ask`) for another page or order.
 */
export function makeTable(place, { caption, columns, sort, noun, ask, paged }) {
  const features = vendor.tableFeatures({
    coreReactivityFeature: vendor.storeReactivityBindings(),
    rowSortingFeature: vendor.rowSortingFeature,
    rowPaginationFeature: vendor.rowPaginationFeature,
    sortedRowModel: vendor.createSortedRowModel(),
    paginatedRowModel: vendor.createPaginatedRowModel(),
    sortFns: vendor.sortFns,
  });
  const table = vendor.constructTable({
    features,
    data: [],
    columns: columns.map((column) => ({
      id: column.id, accessorFn: column.value ?? (() => ""), enableSorting: Boolean(column.value),
      sortFn: "basic", sortDescFirst: Boolean(column.downFirst), sortUndefined: "last",
    })),
    getRowId: (row, i) => row.key ?? String(i),
    initialState: { sorting: sort, pagination: { pageIndex: 0, pageSize: PAGE } },
    manualPagination: paged,
    manualSorting: paged,
    autoResetPageIndex: false,
    enableSortingRemoval: false,
    enableMultiSort: false,
  });
  let total = 0;

  function changed() {
    if (paged) ask();
    else draw();
  }

  function header(column) {
    const sorted = table.getColumn(column.id).getIsSorted();
    const words = column.value
      ? el(
          "button",
          { type: "button", class: "sort", dataset: { key: `sort-${column.id}` }, onclick: () => {
            table.getColumn(column.id).toggleSorting();
            table.setPageIndex(0);
            changed();
          } },
          column.words,
          el("span", { "aria-hidden": "true", class: "arrow" }, sorted === "asc" ? "▲" : sorted ? "▼" : "↕"),
        )
      : column.words;
    const order = sorted === "asc" ? "ascending" : sorted === "desc" ? "descending" : null;
    return el("th", { scope: "col", role: "columnheader", "aria-sort": order, class: column.id }, words);
  }

  function turn(words, step, possible) {
    return el(
      "button",
      { type: "button", "aria-disabled": possible ? null : "true", dataset: { key: `turn${step}` }, onclick: () => {
        if (!possible) return;
        table.setPageIndex(table.atoms.pagination.get().pageIndex + step);
        changed();
      } },
      words,
    );
  }

  function draw() {
    const { pageIndex } = table.atoms.pagination.get();
    const rows = table.getRowModel().rows;
    const from = pageIndex * PAGE;
    const body = rows.map((row) =>
      el(
        "tr", { role: "row" },
        columns.map((column) =>
          el("td", { role: "cell", class: column.id, dataset: { label: column.words } }, column.cell(row.original)),
        ),
      ),
    );
    refill(
      place,
      el(
        "table", { role: "table" },
        el("caption", { class: "unseen" }, caption),
        el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, columns.map(header))),
        el("tbody", { role: "rowgroup" }, body),
      ),
      rows.length === 0 ? el("p", { class: "none" }, `No ${noun} under these filters.`) : null,
      total > PAGE
        ? el(
            "div", { class: "pages" },
            turn("Previous", -1, pageIndex > 0),
            el("span", {}, `${count(from + 1)} to ${count(from + rows.length)} of ${count(total)}`),
            turn("Next", 1, from + rows.length < total),
          )
        : null,
    );
  }

  return {
    show(rows, all) {
      total = all;
      if (!paged && table.atoms.pagination.get().pageIndex * PAGE >= Math.max(1, all)) table.setPageIndex(0);
      table.setOptions((options) => ({ ...options, data: rows, rowCount: all }));
      draw();
    },
    restart: () => table.setPageIndex(0),
    order: () => ({ ...table.atoms.sorting.get()[0], page: table.atoms.pagination.get().pageIndex }),
  };
}
