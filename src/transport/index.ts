export { loopbackPair } from "./loopback.js";
export { openSerial, type SerialChannel, type SerialOptions } from "./serial.js";
export { systemClock } from "./system-clock.js";
export { connectTcp, type TcpClientOptions } from "./tcp-client.js";
export { listenTcp, type TcpServer, type TcpServerOptions } from "./tcp-server.js";
export { TransportError, type TransportErrorReason } from "./transport-error.js";
