using RestKv.Api.Http;

namespace RestKv.Api.Security.Audit;

/// <summary>Where a request came from, on whichever of the three surfaces.</summary>
/// <param name="Method">How the principal was recognised; empty where that is not known.</param>
/// <param name="Request">Method and route, never the query.</param>
internal readonly record struct AuditCaller(string Method, string Address, string Certificate, string Request, string RequestId)
{
    private const string NameItem = "audit-principal";
    private const string WrittenItem = "audit-written";
    private const string DeniedItem = "audit-denied";

    public static AuditCaller Of(HttpContext? context)
    {
        if (context is null)
        {
            return default;
        }

        var facts = context.Features.Get<RequestFacts>();
        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? context.Request.Path.Value ?? "";
        return new AuditCaller(
            facts is { Principal.IsNobody: false } ? facts.Principal.Method : "",
            context.Connection.RemoteIpAddress?.ToString() ?? "",
            context.Connection.ClientCertificate?.Subject ?? "",
            $"{context.Request.Method} /{route.TrimStart('/')}",
            facts?.RequestId(context) ?? context.TraceIdentifier);
    }

    /// <summary>Who it is, as far as anybody found out.</summary>
    public static string NameOf(HttpContext context) =>
        context.Features.Get<RequestFacts>() is { Principal.IsNobody: false } facts ? facts.Principal.Name
        : context.Items[NameItem] as string ?? "";

    /// <summary>Of a caller that was recognised behind the gate of the native API.</summary>
    public static void SetName(HttpContext? context, string name)
    {
        if (context is not null)
        {
            context.Items[NameItem] = name;
        }
    }

    public static bool IsDenied(HttpContext context) => context.Items.ContainsKey(DeniedItem);

    /// <summary>Something of it was refused for want of a right, whatever the answer's status says.</summary>
    public static void SetDenied(HttpContext? context)
    {
        if (context is not null)
        {
            context.Items[DeniedItem] = true;
        }
    }

    public static bool IsWritten(HttpContext context) => context.Items.ContainsKey(WrittenItem);

    public static void SetWritten(HttpContext? context)
    {
        if (context is not null)
        {
            context.Items[WrittenItem] = true;
        }
    }
}
