/** Modbus TCP: function codes 3 and 4 over registers that a map declares. */
export { describeRegisterMap, formatMapTable, type MapRow } from "./describe-map.js";
export { createModbusView, type ModbusOptions, type ModbusView } from "./modbus-view.js";
export { type RegisterMap, readRegisterMap } from "./register-map.js";
