/** The commission report (PRODUCT.md, row 38): a workbook of gateway settings, meters, last readings, meters with Modbus. */
import type { Principal } from "../../../cosem/index.js";
import type { Refusable } from "../refusal.js";
import type { WrittenFile } from "../tables/contract.js";

export type { WrittenFile } from "../tables/contract.js";

export interface CommissionService {
  /** .xlsx; checks `meters.read`. Secrets are left out. */
  report(principal: Principal): Promise<Refusable<WrittenFile>>;
}
