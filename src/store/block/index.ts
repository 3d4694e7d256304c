export { BlockError } from "./block-bytes.js";
export type { FieldPlans } from "./block-format.js";
export { type OpenBlock, openBlock, openChecked } from "./decode-block.js";
export { encodeBlock } from "./encode-block.js";
