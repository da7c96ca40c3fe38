import { Navigate, type RouteObject } from "react-router";
import { AccountsPage } from "./AccountsPage";
import { AdministrationLayout } from "./AdministrationLayout";
import { AreasPage } from "./AreasPage";
import { AuditPage } from "./AuditPage";
import { RulesPage } from "./RulesPage";
import { TokensPage } from "./TokensPage";

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
