import { Button, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Navigate, useNavigate, useSearchParams } from "react-router";
import { answer, api } from "../../api/client";
import { useEnter } from "../../app/session";
import { Refused } from "../../parts/Refused";
import { Front } from "./Front";

/** Where to go after signing in: only to a screen of ours. */
function backTo(wanted: string | null): string {
  return wanted?.startsWith("/") && !wanted.startsWith("//") ? wanted : "/";
}

export default function SignIn() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const enter = useEnter();
  const system = useQuery({
    queryKey: ["system"],
    queryFn: () => answer(api.GET("/api/v1/system")),
  });
  const form = useForm({
    initialValues: { username: "", password: "" },
    validate: {
      username: (value) => (value.trim() ? null : t("session.sign_in.username_missing")),
      password: (value) => (value ? null : t("session.sign_in.password_missing")),
    },
  });
  const signIn = useMutation({
    mutationFn: (body: { username: string; password: string }) =>
      answer(api.POST("/api/v1/session", { body })),
    onSuccess: (session) => {
      enter(session);
      void navigate(backTo(search.get("ve")), { replace: true });
    },
    onError: () => form.setFieldValue("password", ""),
  });

  if (system.data && !system.data.set_up) return <Navigate to="/cai-dat" replace />;
  return (
    <Front title={t("session.sign_in.title")}>
      <form onSubmit={form.onSubmit((values) => signIn.mutate(values))}>
        <Stack>
          <TextInput
            label={t("session.username")}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            size="lg"
            {...form.getInputProps("username")}
          />
          <PasswordInput
            label={t("session.password")}
            autoComplete="current-password"
            size="lg"
            visibilityToggleButtonProps={{ "aria-label": t("session.show") }}
            {...form.getInputProps("password")}
          />
          <Refused error={signIn.error} />
          <Button type="submit" size="lg" loading={signIn.isPending}>
            {t("session.sign_in.act")}
          </Button>
          {system.data?.demonstration && <Text>{t("session.sign_in.demonstration")}</Text>}
          <Text>{t("session.sign_in.forgotten")}</Text>
        </Stack>
      </form>
    </Front>
  );
}
