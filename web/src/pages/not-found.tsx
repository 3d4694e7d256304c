import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Message } from "../components/page-states.js";

export function NotFoundPage() {
  const { t } = useTranslation();
  return <Message title={t("state.notFound")} action={<Link to="/">{t("state.toMeters")}</Link>} />;
}
