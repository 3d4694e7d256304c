import { Button, Paper, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { logIn, logOut, onLoginWanted, setUp } from "../api/client.js";
import { sessionQuery } from "../api/queries.js";

/** The text's colour by the scheme of the moment: worked out once, it would stay when the system goes dark. */
const followingScheme = () => ({ root: { "--button-color": "var(--mantine-primary-color-contrast)" } });

/** The pages for who is logged in, or may read without; else the form to log in or to set the first password. */
export function LoginGate({ children }: { children: ReactNode }) {
  const queryClient = useQueryClient();
  const { data: session } = useQuery(sessionQuery);
  useEffect(
    () => onLoginWanted(() => void queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey })),
    [queryClient],
  );
  if (session === undefined || session.user !== null || session.isOpen) return children;
  return <LoginForm needsSetUp={session.needsSetUp} />;
}

function LoginForm({ needsSetUp }: { needsSetUp: boolean }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => (needsSetUp ? setUp(name, password) : logIn(name, password)),
    onSuccess: () => queryClient.resetQueries(),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    mutate();
  };
  return (
    <Paper component="main" maw={380} mx="auto" mt={80} p="lg" withBorder>
      <form onSubmit={submit}>
        <Stack>
          <Title order={1} size="h3">
            {t(needsSetUp ? "login.setUpTitle" : "login.title")}
          </Title>
          {needsSetUp && <Text>{t("login.setUpHint")}</Text>}
          <TextInput
            label={t(needsSetUp ? "login.code" : "login.user")}
            autoComplete={needsSetUp ? "one-time-code" : "username"}
            required
            withAsterisk={false}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <PasswordInput
            label={t(needsSetUp ? "login.newPassword" : "login.password")}
            description={needsSetUp ? t("login.passwordHint") : undefined}
            autoComplete={needsSetUp ? "new-password" : "current-password"}
            required
            withAsterisk={false}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          {error !== null && (
            <Text role="alert" c="light-dark(var(--mantine-color-red-9), var(--mantine-color-red-4))">
              {error.message === "" ? t("login.failed") : error.message}
            </Text>
          )}
          <Button type="submit" loading={isPending} vars={followingScheme}>
            {t(needsSetUp ? "login.setUp" : "login.submit")}
          </Button>
        </Stack>
      </form>
    </Paper>
  );
}

/** Ends the session; nothing where nobody is logged in. */
export function LogOutButton() {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const { data: session } = useQuery(sessionQuery);
  const { mutate } = useMutation({ mutationFn: logOut, onSettled: () => queryClient.resetQueries() });
  if (session === undefined || session.user === null) return null;
  return (
    <Button variant="subtle" size="compact-sm" onClick={() => mutate()}>
      {t("login.logOut")} ({session.user})
    </Button>
  );
}
