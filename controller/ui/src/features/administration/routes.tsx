import { lazy } from "react";
import { Navigate, type RouteObject } from "react-router";

const AccountsPage = lazy(() => import("./AccountsPage"));
const AdministrationLayout = lazy(() => import("./AdministrationLayout"));
const AreasPage = lazy(() => import("./AreasPage"));
const AuditPage = lazy(() => import("./AuditPage"));
const RulesPage = lazy(() => import("./RulesPage"));
const TokensPage = lazy(() => import("./TokensPage"));

export const routes: RouteObject[] = [
  {
    path: "/quan-tri",
    element: <AdministrationLayout />,
    children: [
      { index: true, element: <Navigate to="/quan-tri/dia-ban" replace /> },
      { path: "dia-ban", element: <AreasPage /> },
      { path: "tai-khoan", element: <AccountsPage /> },
      { path: "quy-dinh", element: <RulesPage /> },
      { path: "ma-truy-cap", element: <TokensPage /> },
      { path: "da-lam", element: <AuditPage /> },
    ],
  },
];
