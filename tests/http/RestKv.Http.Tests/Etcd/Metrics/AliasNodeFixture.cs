using RestKv.Api.Hosting;
using RestKv.Http.Tests.Support;

namespace RestKv.Http.Tests.Etcd.Metrics;

/// <summary>A member that shows its metrics under etcd's names, too.</summary>
public sealed class AliasNodeFixture : NodeFixture
{
    protected override NodeOptions Configure(NodeOptions options) => options with { MetricsEtcdAliases = true };
}
