namespace RestKv.Api.Etcd;

/// <summary>
/// How a handler refuses a call: a code and the text that etcd's clients compare letter by letter. <see cref="EtcdFaults"/> has
/// those that are used more than once.
/// </summary>
internal sealed class EtcdFault(GrpcCode code, string text) : Exception(text)
{
    public GrpcCode Code { get; } = code;

    public string Text { get; } = text;
}
