export { withoutEcho } from "./echo-free.js";
export { loopbackPair } from "./loopback.js";
export { connectRfc2217, type Rfc2217Options } from "./rfc2217.js";
export { openSerial, type RtsMode, type SerialChannel, type SerialOptions } from "./serial.js";
export { systemClock } from "./system-clock.js";
export { connectTcp, type TcpClientOptions } from "./tcp-client.js";
export { listenTcp, type TcpServer, type TcpServerOptions } from "./tcp-server.js";
export { TransportError, type TransportErrorReason } from "./transport-error.js";
export { openUdp, type UdpOptions } from "./udp.js";
