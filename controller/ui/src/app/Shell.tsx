import { AppShell, Burger, Group, Skeleton, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconCloudOff } from "@tabler/icons-react";
import { lazy, Suspense, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Link, Navigate, NavLink, Outlet, useLocation } from "react-router";
import { whenSignedOut } from "../api/client";
import { StopBanner } from "../features/stop/StopBanner";
import { StopButton } from "../features/stop/StopButton";
import { useAreas } from "../parts/areas";
import { Refused } from "../parts/Refused";
import { showZone } from "../parts/times";
import { Boundary } from "./Boundary";
import { useChanges } from "./changes";
import { bar, type Place, places } from "./navigation";
import classes from "./Shell.module.css";
import { type Session, SessionContext, useEnter, useMay, useSessionQuery } from "./session";

const AccountMenu = lazy(() => import("./AccountMenu"));

/** Everything around a screen for whoever is signed in; sends everybody else to sign in. */
export function Shell() {
  const { data: session, error, isPending } = useSessionQuery();
  const location = useLocation();
  const enter = useEnter();

  useEffect(() => whenSignedOut(() => enter(null)), []);

  if (isPending) return <Waiting />;
  if (error) return <Refused error={error} />;
  if (!session) {
    const back = location.pathname === "/" ? "" : `?ve=${encodeURIComponent(location.pathname)}`;
    return <Navigate to={`/dang-nhap${back}`} replace />;
  }
  return (
    <SessionContext value={session}>
      <Frame session={session} />
    </SessionContext>
  );
}

function Frame({ session }: { session: Session }) {
  const { t } = useTranslation();
  const may = useMay();
  const live = useChanges();
  const { pathname } = useLocation();
  const areas = useAreas();
  const own = areas.data?.find(({ id }) => id === session.account.area_id);
  if (own) showZone(own.timezone);
  const [open, { toggle, close }] = useDisclosure();

  // Another screen begins at its top; the same one stays where it was.
  useEffect(() => {
    // In braces: some browsers answer with a promise, which React would take for a way to undo it.
    window.scrollTo(0, 0);
  }, [pathname]);

  const shown = places.filter(({ permission }) => permission === undefined || may(permission));

  return (
    <AppShell
      header={{ height: 64 }}
      navbar={{ width: 248, breakpoint: "md", collapsed: { mobile: !open } }}
      footer={{ height: { base: 72, md: 0 } }}
      padding="md"
    >
      <a className="skip" href="#content">
        {t("shell.skip")}
      </a>
      <AppShell.Header className={classes.header}>
        <Group h="100%" px="sm" justify="space-between" wrap="nowrap" gap="xs">
          <Group gap="xs" wrap="nowrap" className={classes.brand}>
            <Burger
              opened={open}
              onClick={toggle}
              hiddenFrom="md"
              aria-label={t("shell.menu")}
              className={classes.burger}
            />
            <Link to="/" className={classes.name}>
              <img src="/icon.svg" alt="" width={32} height={32} />
              <span>
                <strong>Loa Xã</strong>
                <Text span className={classes.area} truncate>
                  {session.account.area_name}
                </Text>
              </span>
            </Link>
          </Group>
          <Group gap={4} wrap="nowrap">
            {may("stop") && <StopButton />}
            <Suspense fallback={<div className={classes.account} />}>
              <AccountMenu />
            </Suspense>
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar
        p="sm"
        aria-label={t("shell.navigation")}
        className={classes.navbar}
        data-closed={!open || undefined}
      >
        <Stack gap={4}>
          {shown.map((place) => (
            <RailLink key={place.to} place={place} onClick={close} />
          ))}
        </Stack>
      </AppShell.Navbar>
      <AppShell.Main id="content" className={classes.main}>
        {!live && (
          <Text role="status" className={classes.offline}>
            <IconCloudOff size={20} aria-hidden="true" /> {t("shell.offline")}
          </Text>
        )}
        <StopBanner />
        <Boundary place={pathname}>
          <Suspense fallback={<Waiting />}>
            <Outlet />
          </Suspense>
        </Boundary>
      </AppShell.Main>
      <AppShell.Footer hiddenFrom="md" component="nav" aria-label={t("shell.bar")}>
        <div className={classes.bar}>
          {bar(may).map((place) => (
            <BarLink key={place.to} place={place} />
          ))}
        </div>
      </AppShell.Footer>
    </AppShell>
  );
}

function RailLink({ place, onClick }: { place: Place; onClick: () => void }) {
  const { t } = useTranslation();
  const Icon = place.icon;
  return (
    <NavLink
      to={place.to}
      end={place.to === "/"}
      onClick={onClick}
      className={classes.rail}
      data-emergency={place.to === "/khan-cap" || undefined}
    >
      <Icon size={24} stroke={1.8} aria-hidden />
      <span>{t(`shell.place.${place.key}`)}</span>
    </NavLink>
  );
}

function BarLink({ place }: { place: Place }) {
  const { t } = useTranslation();
  const Icon = place.icon;
  return (
    <NavLink to={place.to} end={place.to === "/"} className={classes.tab}>
      <Icon size={26} stroke={1.8} aria-hidden />
      <span>{t(`shell.short.${place.key}`)}</span>
    </NavLink>
  );
}

function Waiting() {
  return (
    <Stack p="md" aria-hidden="true">
      <Skeleton h={36} w="60%" />
      <Skeleton h={120} />
      <Skeleton h={120} />
    </Stack>
  );
}
