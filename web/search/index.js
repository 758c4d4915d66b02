export { FilterForm } from "./filter-form.js";
export { Results } from "./results.js";
export { SearchBox } from "./search-box.js";
export { Toolbar } from "./toolbar.js";
export { WordsForm } from "./words-form.js";
