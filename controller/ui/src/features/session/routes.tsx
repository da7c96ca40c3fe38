import { lazy } from "react";
import type { RouteObject } from "react-router";

const SignIn = lazy(() => import("./SignIn"));
const SetUp = lazy(() => import("./SetUp"));
const Invitation = lazy(() => import("./Invitation"));
const Password = lazy(() => import("./Password"));

export const routes: { outside: RouteObject[]; inside: RouteObject[] } = {
  outside: [
    { path: "/dang-nhap", element: <SignIn /> },
    { path: "/cai-dat", element: <SetUp /> },
    { path: "/invitation/:token", element: <Invitation /> },
  ],
  inside: [{ path: "/mat-khau", element: <Password /> }],
};
