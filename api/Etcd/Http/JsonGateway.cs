namespace RestKv.Api.Etcd.Http;

/// <summary>etcd's calls as JSON over HTTP: everything below `/v3/` and its aliases.</summary>
internal sealed class JsonGateway(RequestDelegate next, EtcdMethods methods)
{
    public Task InvokeAsync(HttpContext context) => methods.All.Count > 0 ? next(context) : Task.CompletedTask;
}
