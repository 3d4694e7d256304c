import { Button, CloseButton, Switch, TextInput } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Meter } from "../../../src/views/rest/contract.js";
import { metersQuery } from "../api/queries.js";
import { SearchIcon } from "../components/icons.js";
import { Failed, Loading, Message } from "../components/page-states.js";
import { hasProblem, meterState } from "../components/status-mark.js";
import styles from "./meter-list.module.css";
import { MeterCards, MeterTable } from "./meter-rows.js";

const route = getRouteApi("/");
const rowsAtOnce = 100;

/** All meters with their newest values. */
export function MeterListPage() {
  const { t } = useTranslation();
  const { data, error, isPending, refetch } = useQuery(metersQuery);
  const { q = "", problems = false } = route.useSearch();
  const isNarrow = useMediaQuery("(max-width: 760px)", undefined, { getInitialValueInEffect: false });
  const [rowCount, setRowCount] = useState(rowsAtOnce);

  const found = useMemo(
    () => (data?.meters ?? []).filter((meter) => matches(meter, q) && (!problems || hasProblem(meter))),
    [data, q, problems],
  );
  if (isPending) return <Loading rows={8} />;
  if (data === undefined) return <Failed error={error ?? new Error()} onRetry={() => void refetch()} />;

  const shown = found.slice(0, rowCount);
  return (
    <>
      <Head meters={data.meters} total={data.total} foundCount={found.length} />
      {data.total === 0 && <Message title={t("list.emptyTitle")} hint={t("list.emptyHint")} />}
      {data.total > 0 && found.length === 0 && (
        <Message
          title={t("list.noMatchTitle")}
          hint={q === "" ? t("list.noProblems") : t("list.noMatchHint", { text: q })}
        />
      )}
      {found.length > 0 && (isNarrow ? <MeterCards meters={shown} /> : <MeterTable meters={shown} />)}
      {shown.length < found.length && (
        <div className={styles["more"]}>
          <Button variant="default" onClick={() => setRowCount(rowCount + rowsAtOnce)}>
            {t("list.more", { count: Math.min(rowsAtOnce, found.length - shown.length) })}
          </Button>
        </div>
      )}
    </>
  );
}

function Head(props: { readonly meters: readonly Meter[]; readonly total: number; readonly foundCount: number }) {
  const { t } = useTranslation();
  const { q = "", problems = false } = route.useSearch();
  const navigate = route.useNavigate();
  const problemCount = props.meters.filter(hasProblem).length;
  const waitingCount = props.meters.filter((meter) => meterState(meter).word === "waiting").length;
  const isFiltered = props.foundCount !== props.total;
  const search = (text: string) =>
    void navigate({ search: (old) => ({ ...old, q: text === "" ? undefined : text }) as typeof old, replace: true });
  return (
    <div className={styles["head"]}>
      <div>
        <h1 className={styles["title"]}>{t("list.title")}</h1>
        <p className={styles["summary"]} aria-live="polite">
          {isFiltered
            ? t("list.shown", { shown: props.foundCount, total: props.total })
            : t("list.summary", { count: props.total })}
          {" · "}
          {problemCount > 0 ? (
            <strong>{t("list.failed", { count: problemCount })}</strong>
          ) : (
            t(waitingCount > 0 ? "list.waiting" : "list.allWell", { count: waitingCount })
          )}
        </p>
      </div>
      <search className={styles["tools"]}>
        {(problemCount > 0 || problems) && (
          <Switch
            withThumbIndicator={false}
            label={t("list.problems")}
            checked={problems}
            onChange={({ currentTarget: { checked } }) =>
              void navigate({
                search: (old) => ({ ...old, problems: checked ? true : undefined }) as typeof old,
                replace: true,
              })
            }
          />
        )}
        <TextInput
          className={styles["search"] ?? ""}
          type="search"
          aria-label={t("list.search")}
          placeholder={t("list.searchHint")}
          leftSection={<SearchIcon />}
          rightSection={q === "" ? null : <CloseButton aria-label={t("list.clear")} onClick={() => search("")} />}
          value={q}
          onChange={({ currentTarget: { value } }) => search(value)}
        />
      </search>
    </div>
  );
}

/** Every word of the search stands somewhere in what the list shows. */
function matches(meter: Meter, text: string): boolean {
  const { device, manufacturer, identification, mediumName, position, interfaceName } = meter;
  const hay = [device, manufacturer, identification, mediumName, position, interfaceName].join(" ").toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => hay.includes(word));
}
