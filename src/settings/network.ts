/** Settings of the machine underneath, PRODUCT.md rows 24, 28, 30-32, 96 and 109. All but the time are device-bound. */

import Type from "typebox";
import { count, deviceBound, flag, group, notBuilt, oneOf, schedule, secret, settingName, text } from "./kinds.js";

const address = (group_: number, setting: number, help: string, fallback = "") =>
  text({
    default: fallback,
    minLength: 0,
    maxLength: 45,
    check: "ipAddressOrNone",
    help,
    logicalName: settingName(group_, setting),
  });

/** A host name or address; empty: none. */
const host = (group_: number, setting: number, help: string, fallback = "") =>
  text({
    default: fallback,
    minLength: 0,
    maxLength: 253,
    pattern: "^[A-Za-z0-9._:-]*$",
    wanted: "a host name or address",
    help,
    logicalName: settingName(group_, setting),
  });

export const network = deviceBound(
  notBuilt(
    group(
      {
        hostName: text({
          default: "",
          minLength: 0,
          maxLength: 63,
          pattern: "^([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)?$",
          wanted: "a host name of letters, digits and hyphens",
          help: "Name of the machine in the network; empty: product and serial number.",
          logicalName: settingName(42, 1),
        }),
        mode: oneOf(["dhcp", "static"], {
          default: "dhcp",
          help: "Where the address comes from: a DHCP server, or the settings below.",
          logicalName: settingName(42, 2),
        }),
        address: address(42, 3, "static: IP address."),
        mask: address(42, 4, "static: network mask, e.g. 255.255.255.0."),
        gateway: address(42, 5, "static: default gateway."),
        dnsFromDhcp: flag({
          default: true,
          help: "Whether name servers and search domain come from DHCP.",
          logicalName: settingName(42, 6),
        }),
        searchDomain: host(42, 7, "Search domain, without dnsFromDhcp."),
        primaryDns: address(42, 8, "Primary name server, without dnsFromDhcp."),
        secondaryDns: address(42, 9, "Secondary name server, without dnsFromDhcp."),
        usbAddress: address(42, 10, "Address of the gateway on the USB link.", "169.254.254.1"),
      },
      "Ethernet, name and name servers.",
    ),
  ),
);

export const cellular = deviceBound(
  notBuilt(
    group(
      {
        enabled: flag({
          default: false,
          help: "Whether the mobile network is used.",
          logicalName: settingName(16, 1),
        }),
        apn: text({
          default: "",
          minLength: 0,
          maxLength: 100,
          help: "Access point name.",
          logicalName: settingName(16, 2),
        }),
        user: text({ default: "", minLength: 0, help: "User name.", logicalName: settingName(16, 3) }),
        password: Type.Optional(secret({ help: "Password.", logicalName: settingName(16, 4) })),
        pin: Type.Optional(
          secret({
            minLength: 4,
            maxLength: 8,
            pattern: "^[0-9]{4,8}$",
            wanted: "4 to 8 digits",
            help: "PIN of the SIM card.",
            logicalName: settingName(16, 5),
          }),
        ),
        primaryDns: address(16, 6, "Primary name server; empty: from the network."),
        secondaryDns: address(16, 7, "Secondary name server; empty: from the network."),
        authentication: oneOf(["none", "pap", "chap"], {
          default: "none",
          help: "How user and password are sent.",
          logicalName: settingName(16, 8),
        }),
        mtu: count({
          default: 1500,
          min: 576,
          max: 9000,
          help: "Largest packet in bytes.",
          logicalName: settingName(16, 9),
        }),
      },
      "The mobile network.",
    ),
  ),
);

export const restart = notBuilt(
  group(
    {
      scheduled: flag({
        default: false,
        help: "Whether the machine is restarted by a schedule.",
        logicalName: settingName(30, 1),
      }),
      schedule: schedule({ default: "0 3 * * sun", help: "When it is restarted.", logicalName: settingName(30, 2) }),
    },
    "Restart of the machine.",
  ),
);
