namespace RestKv.Api.Http;

/// <summary>On a member: the code of a value of the wrong type. On a type: the code of an unknown member.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class)]
internal sealed class FaultCodeAttribute(string code) : Attribute
{
    public string Code { get; } = code;
}
