export { FilterForm } from "./filter-form.js";
export { Results } from "./results.js";
export { SearchBox } from "./search-box.js";
export { WordsForm } from "./words-form.js";
