import { Button, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router";
import { answer, api } from "../../api/client";
import { useEnter } from "../../app/session";
import { Refused } from "../../parts/Refused";
import { Front } from "./Front";
import { NewPassword, passwordChecks } from "./NewPassword";

/** What a one-time link opens: choose a password and begin. */
export default function Invitation() {
  const { t } = useTranslation();
  const { token = "" } = useParams();
  const navigate = useNavigate();
  const enter = useEnter();
  const path = { params: { path: { token } } };
  const invited = useQuery({
    queryKey: ["invitation", token],
    queryFn: () => answer(api.GET("/api/v1/invitations/{token}", path)),
  });
  const form = useForm({
    initialValues: { password: "", again: "" },
    validate: passwordChecks(t),
  });
  const redeem = useMutation({
    mutationFn: (password: string) =>
      answer(api.POST("/api/v1/invitations/{token}", { ...path, body: { password } })),
    onSuccess: (session) => {
      enter(session);
      void navigate("/", { replace: true });
    },
  });

  if (invited.error)
    return (
      <Front title={t("session.invitation.closed")} text={t("session.invitation.ask")}>
        <Refused error={invited.error} />
        <Button variant="default" onClick={() => void navigate("/dang-nhap")}>
          {t("session.sign_in.act")}
        </Button>
      </Front>
    );
  const person = invited.data;
  return (
    <Front
      title={t("session.invitation.title", { name: person?.display_name ?? "…" })}
      text={t("session.invitation.text", { area: person?.area_name ?? "…" })}
    >
      <form onSubmit={form.onSubmit(({ password }) => redeem.mutate(password))}>
        <Stack>
          <TextInput
            label={t("session.username")}
            value={person?.username ?? ""}
            readOnly
            autoComplete="username"
          />
          <NewPassword form={form} />
          <Refused error={redeem.error} />
          <Button type="submit" size="lg" loading={redeem.isPending} disabled={!person}>
            {t("session.invitation.act")}
          </Button>
        </Stack>
      </form>
    </Front>
  );
}
