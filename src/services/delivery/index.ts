/** Reports to their receivers, by HTTP POST and by FTP, with retry. */
export * from "./contract.js";
export { createDeliveryService, type DeliveryOptions } from "./delivery-service.js";
export { adaptiveRetryPlan } from "./retry-plan.js";
