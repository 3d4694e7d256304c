/** The commission report. */
export { type CommissionParts, createCommissionService, type ModbusLine } from "./commission-service.js";
export type * from "./contract.js";
