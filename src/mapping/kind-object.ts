import type { LogicalName } from "../../cosem/index.js";
import type { KindObjectRow } from "../ports/index.js";
import type { ServedType } from "./served-value.js";
import type { ShapeSlot } from "./shape.js";

/** An object of a kind; its place in the list is `position`. */
export interface KindObject extends ServedType {
  readonly row: KindObjectRow;
  readonly position: number;
  readonly classId: number;
  readonly logicalName: LogicalName;
  /** The record it comes from, known once a layout with it is there. */
  record: ShapeSlot | undefined;
}
