import type { ReactNode } from "react";

interface IconProps {
  readonly size?: number;
}

function Icon({ size = 20, children }: IconProps & { readonly children: ReactNode }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.75"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {children}
    </svg>
  );
}

export function GatewayMark({ className }: { readonly className: string | undefined }) {
  return (
    <svg className={className} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" fill="#0a5f7e" />
      <path d="M6.5 21.5a9.5 9.5 0 1 1 19 0" fill="none" stroke="#fff" strokeWidth="2.6" strokeLinecap="round" />
      <path d="M16 21.5l4.6-6.6" fill="none" stroke="#8fe0c3" strokeWidth="2.6" strokeLinecap="round" />
      <circle cx="16" cy="21.5" r="2.2" fill="#8fe0c3" />
    </svg>
  );
}

export function SunIcon() {
  return (
    <Icon size={18}>
      <circle cx="12" cy="12" r="4" />
      <path d="M12 3v1.5M12 19.5V21M3 12h1.5M19.5 12H21M5.6 5.6l1.1 1.1M17.3 17.3l1.1 1.1M5.6 18.4l1.1-1.1M17.3 6.7l1.1-1.1" />
    </Icon>
  );
}

export function MoonIcon() {
  return (
    <Icon size={18}>
      <path d="M20 14.2A8 8 0 0 1 9.8 4a8 8 0 1 0 10.2 10.2z" />
    </Icon>
  );
}

export function SearchIcon() {
  return (
    <Icon size={18}>
      <circle cx="11" cy="11" r="6.5" />
      <path d="M16 16l4 4" />
    </Icon>
  );
}

export function CopyIcon() {
  return (
    <Icon size={15}>
      <rect x="9" y="9" width="11" height="11" rx="2" />
      <path d="M5 15V6a2 2 0 0 1 2-2h8" />
    </Icon>
  );
}

export function CheckIcon() {
  return (
    <Icon size={15}>
      <path d="M5 12.5l4.5 4.5L19 7.5" />
    </Icon>
  );
}

export function BackIcon() {
  return (
    <Icon size={16}>
      <path d="M15 5l-7 7 7 7" />
    </Icon>
  );
}

const bolt = <path d="M13 3L5.5 13.5H11L10 21l8-11h-5.6L13 3z" />;
const flame = (
  <path d="M12 21a6 6 0 0 0 6-6c0-4.5-4-6-4.5-12C9.500 5.500 6 9.500 6 15a6 6 0 0 0 6 6zm0 0a3 3 0 0 1-3-3c0-2 1.800-2.800 3-5 1.200 2.200 3 3 3 5a3 3 0 0 1-3 3z" />
);
const drop = (
  <path d="M12 3.500c3.500 4.300 5.500 7.200 5.500 10.300a5.500 5.500 0 0 1-11 0c0-3.100 2-6 5.500-10.300z" />
);
const warmDrop = (
  <>
    {drop}
    <path d="M9.800 14.500c.8-.8 1.500-.8 2.200 0s1.400.8 2.200 0" />
  </>
);
const heat = (
  <path d="M7 20c-2-2.700 2-5.300 0-8s2-5.300 0-8M12 20c-2-2.700 2-5.300 0-8s2-5.300 0-8M17 20c-2-2.700 2-5.300 0-8s2-5.300 0-8" />
);
const cold = (
  <path d="M12 3v18M4.200 7.500l15.600 9M19.800 7.500l-15.600 9M9.500 4.500L12 7l2.500-2.500M9.500 19.500L12 17l2.500 2.500" />
);
const radiator = (
  <>
    <rect x="4" y="6" width="16" height="11" rx="2" />
    <path d="M8 6v11M12 6v11M16 6v11M6.500 17v2.500M17.500 17v2.500" />
  </>
);
const thermometer = (
  <>
    <path d="M14 13.500V5.500a2 2 0 0 0-4 0v8a4.200 4.200 0 1 0 4 0z" />
    <path d="M12 9v7.500" />
  </>
);
const gauge = (
  <>
    <path d="M4.500 17.500a8.500 8.500 0 1 1 15 0" />
    <path d="M12 14l3.500-4.500" />
  </>
);

type Look = readonly [drawing: ReactNode, hue: string];
const other: Look = [gauge, "slate"];
/** By device type of EN 13757-3. */
const looks: Readonly<Record<number, Look>> = {
  2: [bolt, "amber"],
  3: [flame, "violet"],
  4: [heat, "red"],
  6: [warmDrop, "orange"],
  7: [drop, "blue"],
  8: [radiator, "red"],
  10: [cold, "cyan"],
  11: [cold, "cyan"],
  12: [heat, "red"],
  13: [heat, "red"],
  21: [warmDrop, "orange"],
  22: [drop, "blue"],
  27: [thermometer, "green"],
  40: [drop, "slate"],
};

/** Drawing of what is metered; its colour is named by `data-hue`. */
export function mediumLook(medium: number | null): { readonly drawing: ReactNode; readonly hue: string } {
  const [drawing, hue] = (medium === null ? undefined : looks[medium]) ?? other;
  return { drawing: <Icon size={22}>{drawing}</Icon>, hue };
}
